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
