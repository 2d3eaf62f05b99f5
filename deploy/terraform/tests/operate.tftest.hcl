mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://cancel-hook-abc123-uc.a.run.app" }
    }
  }
}

mock_provider "archive" {}

variables {
  # Without gcloud.
  public_with_all_users = true

  project      = "example-project"
  region       = "us-central1"
  alert_emails = ["sre@example.com"]
  configuration = {
    callers = { ops = { type = "json", auth = { bearer = ["env:OPS_TOKEN"] } } }
    allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
  }
  secrets = { OPS_TOKEN = { env = "OPS_TOKEN", version = "1" } }
}

run "alerts_on_volume" {
  assert {
    condition     = google_monitoring_alert_policy.volume["cancels"].conditions[0].condition_prometheus_query_language[0].query == "sum(increase(logging_googleapis_com:user_cancel_hook_cancels{monitored_resource=\"cloud_run_revision\",service_name=\"cancel-hook\",location=\"us-central1\"}[1h])) > 30"
    error_message = "Many cancels within an hour raise an alert."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.volume["refusals"].conditions[0].condition_prometheus_query_language[0].query, "error=~\"UNAUTHENTICATED|NOT_ALLOWED\"}[10m])) > 30")
    error_message = "A burst of 401 or 403 raises an alert."
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.volume : policy.conditions[0].condition_prometheus_query_language[0].disable_metric_validation])
    error_message = "The policies can be made in the same apply as their metrics."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.failed_notification.conditions[0].condition_matched_log[0].filter, "jsonPayload.notified.error:*")
    error_message = "A destination that was not told raises an alert."
  }
}

run "private_function_has_no_uptime_check" {
  assert {
    condition     = length(google_monitoring_uptime_check_config.health) == 0 && length(google_monitoring_alert_policy.down) == 0 && length(google_logging_project_sink.kept) == 0 && length(google_logging_project_bucket_config.kept) == 0
    error_message = "An uptime check cannot get past Cloud Run, and nothing is kept longer unless asked for."
  }
}

run "public_function_has_an_uptime_check_and_a_longer_log" {
  variables {
    public             = true
    log_retention_days = 400
  }

  assert {
    condition     = google_monitoring_uptime_check_config.health[0].http_check[0].path == "/" && google_monitoring_uptime_check_config.health[0].monitored_resource[0].labels.host == "cancel-hook-abc123-uc.a.run.app"
    error_message = "The uptime check asks the function's own host."
  }

  assert {
    condition     = google_logging_project_bucket_config.kept[0].retention_days == 400 && google_logging_project_sink.kept[0].destination == "logging.googleapis.com/projects/example-project/locations/us-central1/buckets/cancel-hook" && strcontains(google_logging_project_sink.kept[0].filter, "service_name=\"cancel-hook\"")
    error_message = "The function's lines go to the bucket."
  }
}

run "refuses_a_retention_of_nothing" {
  command = plan

  variables {
    log_retention_days = 0
  }

  expect_failures = [var.log_retention_days]
}
