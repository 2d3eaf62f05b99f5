variable "notification_channels" {
  description = "Existing Monitoring notification channels that are told of failures and of cancels by others (projects/PROJECT/notificationChannels/ID)."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "alert_emails" {
  description = "Addresses that are told of the same; each gets a notification channel."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "alert_emails are e-mail addresses."
  }
}

locals {
  # Every line of the function, and what Cloud Run says of its instances.
  log_filter = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name="${var.name}"
    resource.labels.location="${var.region}"
  EOT

  # What a request can come to: the contract's words, as series of the metric "outcomes".
  metrics = {
    outcomes = {
      description = "Cancels, by what is known about the operation afterwards."
      filter      = "jsonPayload.outcome:*"
      labels = {
        outcome = "EXTRACT(jsonPayload.outcome)"
        caller  = "EXTRACT(jsonPayload.caller)"
      }
    }
    errors = {
      description = "Requests that were refused or failed, by reason."
      filter      = "jsonPayload.error:*"
      labels = {
        error    = "EXTRACT(jsonPayload.error)"
        caller   = "EXTRACT(jsonPayload.caller)"
        severity = "EXTRACT(severity)"
      }
    }
  }
}

resource "google_logging_metric" "count" {
  for_each = local.metrics

  project          = var.project
  name             = "${var.name}/${each.key}"
  description      = each.value.description
  filter           = "${local.log_filter}${each.value.filter}"
  label_extractors = each.value.labels

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    unit         = "1"
    display_name = "${var.name}: ${each.key}"

    dynamic "labels" {
      for_each = each.value.labels

      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "upstream_latency" {
  project         = var.project
  name            = "${var.name}/upstream_latency"
  description     = "How long Google's API took for a request's calls together, retries included."
  filter          = "${local.log_filter}jsonPayload.upstream.milliseconds:*"
  value_extractor = "EXTRACT(jsonPayload.upstream.milliseconds)"

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "DISTRIBUTION"
    unit         = "ms"
    display_name = "${var.name}: upstream latency"
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 24
      growth_factor      = 1.6
      scale              = 1
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project
  display_name = "${var.name}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }

  depends_on = [google_project_service.api]
}

locals {
  channels = concat(tolist(var.notification_channels), [for channel in google_monitoring_notification_channel.email : channel.id])
}

# On the log and not on the metric: the mail then shows the operation and the reason, and the policy
# can be made in the same apply (a new metric is unknown to alert policies for some minutes).
resource "google_monitoring_alert_policy" "failure" {
  project               = var.project
  display_name          = "${var.name}: failures"
  combiner              = "OR"
  severity              = "ERROR"
  user_labels           = var.labels
  notification_channels = local.channels

  conditions {
    display_name = "The function logged an error"

    condition_matched_log {
      filter = "${local.log_filter}severity>=ERROR"
      label_extractors = {
        caller    = "EXTRACT(jsonPayload.caller)"
        operation = "EXTRACT(jsonPayload.operation)"
        error     = "EXTRACT(jsonPayload.error)"
      }
    }
  }

  alert_strategy {
    auto_close = "3600s"
    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    # The operation's name is not in the text: should this alert be sent to the hook itself, it would
    # cancel that operation. It is among the alert's labels.
    subject = "${var.name} failed: $${log.extracted_label.error}"
    content = <<-EOT
      A request to **${var.name}** failed, in a way that a person must look at.

      - caller: $${log.extracted_label.caller}
      - error: $${log.extracted_label.error}

      Symptoms, causes and cures are in deploy/README.md. The operation may still be running.
    EOT
  }
}

# Cancelling is what the hook is for. A cancel by anyone else goes past its allowlist: an
# administrator's emergency, or someone who should not have the right. Cloud Audit Logs always
# record it (Admin Activity), at no cost.
resource "google_monitoring_alert_policy" "other_principal" {
  count = contains(local.operation_projects, var.project) ? 1 : 0

  project               = var.project
  display_name          = "${var.name}: an operation was cancelled by another principal"
  combiner              = "OR"
  severity              = "WARNING"
  user_labels           = var.labels
  notification_channels = local.channels

  conditions {
    display_name = "CancelOperation by another than ${google_service_account.runtime.email}"

    condition_matched_log {
      filter = <<-EOT
        logName="projects/${var.project}/logs/cloudaudit.googleapis.com%2Factivity"
        protoPayload.serviceName="privateca.googleapis.com"
        protoPayload.methodName:"CancelOperation"
        NOT protoPayload.authenticationInfo.principalEmail="${google_service_account.runtime.email}"
      EOT
      label_extractors = {
        principal = "EXTRACT(protoPayload.authenticationInfo.principalEmail)"
      }
    }
  }

  alert_strategy {
    auto_close = "3600s"
    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "An operation was cancelled past ${var.name}"
    content   = "$${log.extracted_label.principal} cancelled an operation of Certificate Authority Service directly, past the allowlist of **${var.name}**."
  }
}
