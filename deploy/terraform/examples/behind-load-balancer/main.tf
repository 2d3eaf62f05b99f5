# The function behind an external Application Load Balancer, with a domain, a managed certificate, and
# Cloud Armor. The function takes no request that does not come through the load balancer.

locals {
  name = "cancel-hook"
  host = "https://${var.domain}"
}

module "cancel_hook" {
  source = "../.."

  project = var.project
  region  = var.region
  name    = local.name
  labels  = var.labels
  ingress = "ALLOW_INTERNAL_AND_GCLB"

  # Slack and Grafana have no Google token. Their signatures are checked by the function.
  public = true

  secrets = {
    slack   = { secret = "slack-signing-secret" }
    grafana = { secret = "grafana-hmac-secret" }
  }

  configuration = {
    callers = {
      slack   = { type = "slack", signingSecret = ["file:/secrets/slack/value"] }
      grafana = { type = "grafana", auth = { hmac = { secret = ["file:/secrets/grafana/value"], timestampHeader = "X-Grafana-Alerting-Timestamp" } } }
    }
    allow = [
      { description = "The channel of the people on call", callers = ["slack"], principals = [var.slack_channel], operations = ["projects/${var.project}/locations/*/operations/*"] },
      { description = "Grafana stops what runs away", callers = ["grafana"], operations = ["projects/${var.project}/locations/*/operations/*"], verbs = ["create"] },
    ]
  }
}

resource "google_project_service" "compute" {
  project            = var.project
  service            = "compute.googleapis.com"
  disable_on_destroy = false
}

resource "google_compute_region_network_endpoint_group" "function" {
  depends_on            = [google_project_service.compute]
  project               = var.project
  region                = var.region
  name                  = local.name
  network_endpoint_type = "SERVERLESS"

  # A function of the second generation is a Cloud Run service.
  cloud_run {
    service = module.cancel_hook.service
  }
}

# Who may send how much. Preconfigured rules against injection are left out: an alert's text looks like anything.
resource "google_compute_security_policy" "senders" {
  depends_on  = [google_project_service.compute]
  project     = var.project
  name        = local.name
  description = "Limits requests by address, and refuses other addresses than those of the senders."

  rule {
    priority    = 1000
    description = "Senders, each address at a bounded rate"
    action      = "throttle"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = var.senders
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    description = "Everybody else"
    action      = "deny(403)"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_backend_service" "function" {
  project               = var.project
  name                  = local.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.senders.id

  backend {
    group = google_compute_region_network_endpoint_group.function.id
  }

  # What Cloud Armor refuses is in this log only.
  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "function" {
  project         = var.project
  name            = local.name
  default_service = google_compute_backend_service.function.id
}

resource "google_compute_managed_ssl_certificate" "domain" {
  depends_on = [google_project_service.compute]
  project    = var.project
  name       = local.name

  managed {
    domains = [var.domain]
  }
}

resource "google_compute_ssl_policy" "modern" {
  depends_on      = [google_project_service.compute]
  project         = var.project
  name            = local.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "function" {
  project          = var.project
  name             = local.name
  url_map          = google_compute_url_map.function.id
  ssl_certificates = [google_compute_managed_ssl_certificate.domain.id]
  ssl_policy       = google_compute_ssl_policy.modern.id
}

resource "google_compute_global_address" "function" {
  depends_on = [google_project_service.compute]
  project    = var.project
  name       = local.name
  labels     = var.labels
}

# Only port 443: a redirect from port 80 would come after a sender has sent its secret in the clear.
resource "google_compute_global_forwarding_rule" "function" {
  project               = var.project
  name                  = local.name
  labels                = var.labels
  load_balancing_scheme = "EXTERNAL_MANAGED"
  target                = google_compute_target_https_proxy.function.id
  ip_address            = google_compute_global_address.function.id
  port_range            = "443"
}

output "address" {
  description = "For the domain's A record. The certificate becomes active some minutes after the record."
  value       = google_compute_global_address.function.address
}

output "webhook_urls" {
  description = "What senders are set up with."
  value       = { for caller in keys(module.cancel_hook.webhook_urls) : caller => "${local.host}/${caller}" }
}
