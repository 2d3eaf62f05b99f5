# Every hour, whatever creates for longer than it should is cancelled, the oldest first and at most
# twenty at once. A second job, paused, rehearses a stricter sweep: it cancels nothing.

module "cancel_hook" {
  source = "../.."

  project = var.project
  region  = var.region

  configuration = {
    callers = {
      sweeper = { type = "json", auth = { iam = true } }
    }
    allow = [{
      description = "Only the scheduler's account may sweep"
      callers     = ["sweeper"]
      principals  = ["cancel-hook-scheduler@${var.project}.iam.gserviceaccount.com"]
      operations  = ["projects/${var.project}/locations/*/operations/*"]
      verbs       = ["create"]
      sweep       = true
    }]
  }

  scheduler_jobs = {
    hourly = {
      caller   = "sweeper"
      schedule = "7 * * * *"
      body = {
        parent    = "projects/${var.project}/locations/-"
        olderThan = var.older_than
        verbs     = ["create"]
        limit     = 20
        reason    = "hourly sweep"
      }
    }
    rehearsal = {
      caller   = "sweeper"
      schedule = "37 * * * *"
      paused   = true
      body = {
        parent       = "projects/${var.project}/locations/-"
        olderThan    = "1h"
        validateOnly = true
        reason       = "what a stricter sweep would cancel"
      }
    }
  }
}

output "service_account" {
  description = "The account whose cancels Cloud Audit Logs show."
  value       = module.cancel_hook.service_account
}
