# One person may cancel every operation of the project, with curl and an identity token of gcloud.
# No secret, nothing public.

module "cancel_hook" {
  source = "../.."

  project  = var.project
  region   = var.region
  invokers = ["user:${var.operator}"]

  configuration = {
    callers = {
      ops = { type = "json", auth = { iam = true } }
    }
    allow = [{
      callers    = ["ops"]
      principals = [var.operator]
      operations = ["projects/${var.project}/locations/*/operations/*"]
    }]
  }
}

output "url" {
  description = "Where to send a cancel."
  value       = module.cancel_hook.webhook_urls["ops"]
}
