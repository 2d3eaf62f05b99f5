locals {
  # Every line of the function, and what Cloud Run says of its instances.
  log_filter = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name="${var.name}"
    resource.labels.location="${var.region}"
  EOT

  # A cancel's line has one outcome; that of a sweep or an alert has one for each of its operations.
  outcome_filter = "(jsonPayload.outcome:* OR jsonPayload.operations.outcome:*)"
  outcomes       = ["CANCEL_REQUESTED", "CANCELLED", "COMPLETED", "FAILED", "PENDING", "ALREADY_DONE", "WOULD_CANCEL", "QUEUED", "ALREADY_QUEUED", "ASKED"]
}

# One metric for each outcome and not one with a label: a label cannot be taken from a list, and so
# sweeps and alerts would not count.
resource "google_logging_metric" "outcome" {
  for_each = toset(local.outcomes)

  project          = var.project
  name             = "${var.name}/outcomes/${lower(each.value)}"
  description      = "Requests after which at least one operation was ${each.value}."
  filter           = "${local.log_filter}(jsonPayload.outcome=\"${each.value}\" OR jsonPayload.operations.outcome=\"${each.value}\")"
  label_extractors = { caller = "EXTRACT(jsonPayload.caller)" }

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    unit         = "1"
    display_name = "${var.name}: ${each.value}"

    labels {
      key        = "caller"
      value_type = "STRING"
    }
  }

  depends_on = [google_project_service.api]
}

locals {
  error_labels = {
    error    = "EXTRACT(jsonPayload.error)"
    caller   = "EXTRACT(jsonPayload.caller)"
    severity = "EXTRACT(severity)"
  }
}

resource "google_logging_metric" "errors" {
  project          = var.project
  name             = "${var.name}/errors"
  description      = "Requests that were refused or failed, by reason."
  filter           = "${local.log_filter}jsonPayload.error:*"
  label_extractors = local.error_labels

  metric_descriptor {
    metric_kind  = "DELTA"
    value_type   = "INT64"
    unit         = "1"
    display_name = "${var.name}: refusals and failures"

    dynamic "labels" {
      for_each = local.error_labels

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
