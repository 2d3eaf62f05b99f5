variable "notification_channels" {
  description = "Existing Monitoring notification channels for failures and for cancels that bypass the function (projects/PROJECT/notificationChannels/ID)."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "alert_emails" {
  description = "Email addresses that receive the alerts; each gets a notification channel."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "alert_emails are e-mail addresses."
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project
  display_name = "${var.name}: ${each.value}"
  type         = "email"
  user_labels  = var.labels
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
      # A line that is an ERROR only because people were not told has a policy of its own.
      filter = "${local.log_filter}severity>=ERROR (jsonPayload.error:* OR NOT jsonPayload.notified:*)"
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

      See Troubleshooting in deploy/README.md. The operation may still be running.
    EOT
  }
}

# A cancel that bypasses the function bypasses its allowlist: by another account, or by the function's own
# account without the reason that the function sends with each cancel, which points to a stolen token. Anyone
# who holds the token can send that reason, too. Cloud Audit Logs always record cancels of privateca (Admin Activity), at
# no cost. Services that count a cancel as Data Access (BigQuery) record it where these logs are enabled.
resource "google_monitoring_alert_policy" "bypass" {
  count = contains(keys(local.operation_services), var.project) ? 1 : 0

  project               = var.project
  display_name          = "${var.name}: an operation was cancelled past the function"
  combiner              = "OR"
  severity              = "WARNING"
  user_labels           = var.labels
  notification_channels = local.channels

  conditions {
    display_name = "A cancel that ${var.name} did not send"

    condition_matched_log {
      filter = <<-EOT
        logName=("projects/${var.project}/logs/cloudaudit.googleapis.com%2Factivity" OR "projects/${var.project}/logs/cloudaudit.googleapis.com%2Fdata_access")
        protoPayload.serviceName=(${join(" OR ", [for service in local.operation_services[var.project] : "\"${service}.googleapis.com\""])})
        protoPayload.methodName=~"(?i)cancel(operation|build|execution|trainingpipeline|[a-z]*job)$|jobservice\.cancel$"
        NOT (
          protoPayload.authenticationInfo.principalEmail="${local.runtime}"
          protoPayload.requestMetadata.requestAttributes.reason=~"^cancel-hook caller="
        )
      EOT
      label_extractors = {
        principal = "EXTRACT(protoPayload.authenticationInfo.principalEmail)"
        service   = "EXTRACT(protoPayload.serviceName)"
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
    content   = "$${log.extracted_label.principal} cancelled an operation or a job of $${log.extracted_label.service} without **${var.name}**, past its allowlist. If this is the function's own account, its token may be stolen."
  }
}
