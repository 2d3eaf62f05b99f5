variable "cancels_per_hour" {
  description = "More requests than this that cancel something within an hour raise an alert: an alert rule or a schedule may be misconfigured."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.cancels_per_hour >= 1
    error_message = "cancels_per_hour is at least 1."
  }
}

variable "refusals_per_10_minutes" {
  description = "More 401 or 403 responses than this within ten minutes raise an alert: somebody tries credentials, or a sender's secret or rule is wrong."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.refusals_per_10_minutes >= 1
    error_message = "refusals_per_10_minutes is at least 1."
  }
}

variable "uptime_check" {
  description = "Whether Cloud Monitoring checks every five minutes that the function responds. Only for a public function: an uptime check has no Google token."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention_days" {
  description = "How long the function's log lines are kept, in a log bucket of their own. Null: as long as the project's bucket keeps lines, 30 days unless changed."
  type        = number
  default     = null

  validation {
    condition     = var.log_retention_days == null || try(var.log_retention_days >= 1 && var.log_retention_days <= 3650 && floor(var.log_retention_days) == var.log_retention_days, false)
    error_message = "log_retention_days is a whole number from 1 to 3650."
  }
}

locals {
  operate_metrics = {
    cancels = {
      description = "Requests that sent at least one cancel."
      filter      = "jsonPayload.outcome=(${local.sent_outcomes}) OR jsonPayload.operations.outcome=(${local.sent_outcomes})"
    }
    refused_deliveries = {
      description = "Deliveries of alerts that were refused for good: nobody reads the response."
      filter      = "severity>=ERROR jsonPayload.error=(\"NOT_ALLOWED\" OR \"INVALID_REQUEST\" OR \"MALFORMED_BODY\" OR \"LIMIT_EXCEEDED\" OR \"RATE_LIMITED\" OR \"BODY_TOO_LARGE\" OR \"UNSUPPORTED_MEDIA_TYPE\" OR \"NOT_FOUND\")"
    }
    failed_notifications = {
      description = "Requests whose message to a destination in notify was not delivered."
      filter      = "jsonPayload.notified.error:*"
    }
  }
  sent_outcomes = "\"CANCEL_REQUESTED\" OR \"CANCELLED\" OR \"COMPLETED\" OR \"FAILED\" OR \"PENDING\""

  # As PromQL names a log-based metric: https://cloud.google.com/monitoring/promql/promql-mapping
  promql_prefix = "logging_googleapis_com:user_${replace(var.name, "-", "_")}"
  promql_labels = "monitored_resource=\"cloud_run_revision\",service_name=\"${var.name}\",location=\"${var.region}\""
}

resource "google_logging_metric" "operate" {
  for_each = local.operate_metrics

  project          = var.project
  name             = "${var.name}/${each.key}"
  description      = each.value.description
  filter           = "${local.log_filter}(${each.value.filter})"
  label_extractors = { caller = "EXTRACT(jsonPayload.caller)" }

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    unit         = "1"
    display_name = "${var.name}: ${replace(each.key, "_", " ")}"

    labels {
      key        = "caller"
      value_type = "STRING"
    }
  }

  depends_on = [google_project_service.api]
}

locals {
  volume_alerts = {
    cancels = {
      title   = "many cancels"
      query   = "sum(increase(${local.promql_prefix}_cancels{${local.promql_labels}}[1h])) > ${var.cancels_per_hour}"
      subject = "${var.name} cancelled more than ${var.cancels_per_hour} times within an hour"
      content = "See who, by caller and rule, in the dashboard's panel \"Who cancelled what\". To stop all cancels at once, set CANCEL_HOOK_MODE=observe."
    }
    refusals = {
      title   = "a burst of 401 or 403"
      query   = "sum(increase(${local.promql_prefix}_errors{${local.promql_labels},error=~\"UNAUTHENTICATED|NOT_ALLOWED\"}[10m])) > ${var.refusals_per_10_minutes}"
      subject = "${var.name} refused more than ${var.refusals_per_10_minutes} requests within ten minutes"
      content = "The log's field `unauthenticated` says why a credential was refused, and `denied` which rule was nearest. A secret that was rotated on one side only looks like this, too."
    }
  }
}

resource "google_monitoring_alert_policy" "volume" {
  for_each = local.volume_alerts

  project               = var.project
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = "WARNING"
  user_labels           = var.labels
  notification_channels = local.channels

  conditions {
    display_name = each.value.subject

    condition_prometheus_query_language {
      query               = each.value.query
      evaluation_interval = "60s"
      # A log-based metric that was made in the same apply is not known to Monitoring for some minutes.
      disable_metric_validation = true
    }
  }

  alert_strategy {
    auto_close = "3600s"
  }

  documentation {
    mime_type = "text/markdown"
    subject   = each.value.subject
    content   = each.value.content
  }

  depends_on = [google_logging_metric.operate, google_logging_metric.errors]
}

resource "google_monitoring_alert_policy" "failed_notification" {
  project               = var.project
  display_name          = "${var.name}: people were not told"
  combiner              = "OR"
  severity              = "ERROR"
  user_labels           = var.labels
  notification_channels = local.channels

  conditions {
    display_name = "A destination in notify did not take a message"

    condition_matched_log {
      filter = "${local.log_filter}jsonPayload.notified.error:*"
      label_extractors = {
        caller = "EXTRACT(jsonPayload.caller)"
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
    subject   = "${var.name} could not tell people what it did"
    content   = "The log line's field `notified` says which destination failed, and how. The cancels themselves are not affected: their outcomes are in the same line."
  }
}

locals {
  has_uptime_check = var.uptime_check && var.public && var.ingress == "ALLOW_ALL"
  host             = replace(google_cloudfunctions2_function.hook.service_config[0].uri, "https://", "")
}

resource "google_monitoring_uptime_check_config" "health" {
  count = local.has_uptime_check ? 1 : 0

  project      = var.project
  display_name = "${var.name}: uptime"
  user_labels  = var.labels
  timeout      = "10s"
  period       = "300s"

  http_check {
    path         = "/"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  content_matchers {
    content = "\"service\":\"cancel-hook\""
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = local.host
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "down" {
  count = local.has_uptime_check ? 1 : 0

  project               = var.project
  display_name          = "${var.name}: not reachable"
  combiner              = "OR"
  severity              = "CRITICAL"
  user_labels           = var.labels
  notification_channels = local.channels

  conditions {
    display_name = "GET / does not answer from more than one region"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" metric.label.check_id=\"${google_monitoring_uptime_check_config.health[0].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "300s"

      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    subject   = "${var.name} is not reachable"
    content   = "Alerts and people cannot cancel anything until it is. See the function's log for CRITICAL lines: a configuration with errors does not start."
  }
}

# The project's own bucket keeps a line for 30 days. Who cancelled what may be asked for later.
resource "google_logging_project_bucket_config" "kept" {
  count = var.log_retention_days == null ? 0 : 1

  project        = var.project
  location       = var.region
  bucket_id      = var.name
  description    = "The log lines of ${var.name}."
  retention_days = var.log_retention_days

  depends_on = [google_project_service.api]
}

resource "google_logging_project_sink" "kept" {
  count = var.log_retention_days == null ? 0 : 1

  project     = var.project
  name        = "${var.name}-kept"
  description = "The log lines of ${var.name}, to be kept for ${var.log_retention_days} days."
  destination = "logging.googleapis.com/projects/${var.project}/locations/${var.region}/buckets/${google_logging_project_bucket_config.kept[0].bucket_id}"
  filter      = trimspace(local.log_filter)

  # Within one project a sink needs no permission.
  unique_writer_identity = true
}
