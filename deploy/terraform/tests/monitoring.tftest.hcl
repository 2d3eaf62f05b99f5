mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://cancel-hook-abc123-uc.a.run.app" }
    }
  }
}

mock_provider "archive" {}

override_resource {
  target = google_service_account.runtime[0]
  values = { email = "runtime@example-project.iam.gserviceaccount.com", member = "serviceAccount:runtime@example-project.iam.gserviceaccount.com" }
}

variables {
  project               = "example-project"
  region                = "us-central1"
  alert_emails          = ["sre@example.com"]
  notification_channels = ["projects/example-project/notificationChannels/1"]
  configuration = {
    callers = { ops = { type = "json", auth = { iam = true } } }
    allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
  }
}

run "metrics" {
  assert {
    condition     = toset(keys(google_logging_metric.outcome)) == toset(["CANCEL_REQUESTED", "CANCELLED", "COMPLETED", "FAILED", "PENDING", "ALREADY_DONE", "WOULD_CANCEL", "QUEUED", "ALREADY_QUEUED", "ASKED"])
    error_message = "There is a metric for each outcome."
  }

  assert {
    condition     = strcontains(google_logging_metric.outcome["CANCELLED"].filter, "service_name=\"cancel-hook\"") && strcontains(google_logging_metric.outcome["CANCELLED"].filter, "(jsonPayload.outcome=\"CANCELLED\" OR jsonPayload.operations.outcome=\"CANCELLED\")")
    error_message = "Cancels count, and so do those of sweeps and alerts."
  }

  assert {
    condition     = toset(keys(google_logging_metric.errors.label_extractors)) == toset([for label in google_logging_metric.errors.metric_descriptor[0].labels : label.key])
    error_message = "Each label that is extracted is declared."
  }

  assert {
    condition     = google_logging_metric.upstream_latency.metric_descriptor[0].value_type == "DISTRIBUTION"
    error_message = "Latency is a distribution."
  }
}

run "alerts" {
  assert {
    condition     = strcontains(google_monitoring_alert_policy.failure.conditions[0].condition_matched_log[0].filter, "severity>=ERROR")
    error_message = "Failures raise an alert."
  }

  assert {
    condition     = strcontains(replace(google_monitoring_alert_policy.bypass[0].conditions[0].condition_matched_log[0].filter, "/\\s+/", " "), "NOT ( protoPayload.authenticationInfo.principalEmail=\"runtime@example-project.iam.gserviceaccount.com\" protoPayload.requestMetadata.requestAttributes.reason=~\"^cancel-hook caller=\" )")
    error_message = "A cancel by another account, or by the function's account without the function's reason, raises an alert."
  }

  assert {
    condition     = alltrue([for policy in concat([google_monitoring_alert_policy.failure], google_monitoring_alert_policy.bypass) : length(policy.notification_channels) == 2 && length(policy.alert_strategy[0].notification_rate_limit) == 1])
    error_message = "Both reach every channel, at a bounded rate."
  }
}

run "dashboard" {
  assert {
    condition     = toset([for tile in jsondecode(google_monitoring_dashboard.hook.dashboard_json).mosaicLayout.tiles : tile.widget.title]) == toset(["Who cancelled what", "Refused", "Outcomes that a read has confirmed, by caller", "Refused deliveries, and people not told", "Outcomes", "Refusals and failures", "Latency of requests, 95th percentile (ms)", "Latency of Google's API, 95th percentile (ms)", "Cold starts, 95th percentile (ms)", "Instances"])
    error_message = "The dashboard shows who cancelled what, outcomes, refusals, latency and cold starts."
  }

  assert {
    condition     = one([for tile in jsondecode(google_monitoring_dashboard.hook.dashboard_json).mosaicLayout.tiles : length(tile.widget.xyChart.dataSets) if tile.widget.title == "Outcomes"]) == 10
    error_message = "The chart of outcomes shows each."
  }

  assert {
    condition     = length(distinct([for tile in jsondecode(google_monitoring_dashboard.hook.dashboard_json).mosaicLayout.tiles : "${tile.xPos} ${tile.yPos}"])) == 10
    error_message = "No tile covers another."
  }
}

run "warns_of_senders_that_cannot_get_in" {
  command = plan

  variables {
    configuration = {
      callers = { slack = { type = "slack", signingSecret = ["file:/secrets/slack/value"] } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { slack = {} }
  }

  expect_failures = [check.senders_can_reach_the_function]
}
