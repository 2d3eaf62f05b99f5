# Alerts that cancel: Alertmanager and Grafana by webhook, Cloud Monitoring by Pub/Sub, which needs
# no password. Each only where its rule says.

locals {
  operations = ["projects/${var.project}/locations/${var.region}/operations/*"]
}

module "cancel_hook" {
  source = "../.."

  project      = var.project
  region       = var.region
  public       = true
  alert_emails = [var.on_call]

  secrets = {
    alertmanager = { secret = "alertmanager-password" }
    grafana      = { secret = "grafana-hmac-secret" }
  }

  pubsub_topics = {
    incidents = { caller = "monitoring", monitoring_channel = true }
  }

  configuration = {
    callers = {
      alertmanager = { type = "alertmanager", auth = { basic = { username = "alertmanager", password = ["file:/secrets/alertmanager/value"] } } }
      grafana      = { type = "grafana", auth = { hmac = { secret = ["file:/secrets/grafana/value"], timestampHeader = "X-Grafana-Alerting-Timestamp" } } }
      monitoring = { type = "pubsub", auth = { google = {
        audience = "https://${var.region}-${var.project}.cloudfunctions.net/cancel-hook"
        emails   = ["cancel-hook-pubsub@${var.project}.iam.gserviceaccount.com"]
      } } }
    }
    allow = [
      { description = "Alertmanager stops imports that run away", callers = ["alertmanager"], operations = local.operations, verbs = ["create"] },
      { description = "So does Grafana", callers = ["grafana"], operations = local.operations, verbs = ["create"] },
      { description = "And Cloud Monitoring", callers = ["monitoring"], operations = local.operations, verbs = ["create"] },
    ]
  }
}

output "webhook_urls" {
  description = "For Alertmanager's webhook_configs and Grafana's contact point."
  value       = module.cancel_hook.webhook_urls
}

output "notification_channel" {
  description = "For the alert policies of Cloud Monitoring that shall cancel the operation which their documentation names."
  value       = module.cancel_hook.notification_channels["incidents"]
}
