variable "queue" {
  description = <<-EOT
    The Cloud Tasks queue that the configuration's key queue names, for large sweeps: its settings. With create = false it
    exists already, possibly in another project. The function gets the right to add tasks to it, and to act as the accounts
    that sweep, because each task presents an ID token of the account that swept.
  EOT
  type = object({
    create                = optional(bool, true)
    dispatches_per_second = optional(number, 10)
    concurrent_dispatches = optional(number, 10)
    max_attempts          = optional(number, 20)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.queue.dispatches_per_second > 0 && var.queue.dispatches_per_second <= 500
    error_message = "queue.dispatches_per_second is more than 0, and at most 500, as Cloud Tasks has it."
  }

  validation {
    condition     = var.queue.concurrent_dispatches >= 1 && var.queue.concurrent_dispatches <= var.max_instances * var.concurrency
    error_message = "queue.concurrent_dispatches is from 1 to max_instances times concurrency: more would wait for an instance."
  }

  validation {
    condition     = var.queue.max_attempts >= 1 && floor(var.queue.max_attempts) == var.queue.max_attempts
    error_message = "queue.max_attempts is a whole number from 1."
  }
}

locals {
  queue_parts = try(regex("^projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/queues/(?P<name>[^/]+)$", local.configuration.queue), null)
  queue       = one(compact([try(local.configuration.queue, null)]))

  # The json callers that a task can come back to: their audience says where the function is.
  queue_callers = { for name, caller in local.callers : name => try(caller.auth.google, caller.auth.iam) if try(caller.type, "") == "json" && (can(caller.auth.google.audience) || can(caller.auth.iam.audience)) }

  # Service accounts only: nobody can act as a user.
  sweeping_accounts = local.queue == null ? [] : distinct([
    for email in flatten([for token in values(local.queue_callers) : try(token.emails, [local.scheduler_email])]) : email
    if can(regex("gserviceaccount\\.com$", email))
  ])
}

resource "google_cloud_tasks_queue" "cancels" {
  count = local.queue_parts != null && var.queue.create ? 1 : 0

  project  = local.queue_parts.project
  location = local.queue_parts.location
  name     = local.queue_parts.name

  rate_limits {
    max_dispatches_per_second = var.queue.dispatches_per_second
    max_concurrent_dispatches = var.queue.concurrent_dispatches
  }

  # The function answers 200 to a cancel that needs no repetition. After the attempts the task is deleted;
  # the next sweep finds the operation again.
  retry_config {
    max_attempts = var.queue.max_attempts
    min_backoff  = "1s"
    max_backoff  = "300s"
  }

  lifecycle {
    precondition {
      condition     = local.queue_parts.project == var.project
      error_message = "The configuration's queue is in another project: create it there, and set queue = { create = false }."
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_cloud_tasks_queue_iam_member" "enqueuer" {
  count = local.queue_parts != null ? 1 : 0

  project  = local.queue_parts.project
  location = local.queue_parts.location
  name     = local.queue_parts.name
  role     = "roles/cloudtasks.enqueuer"
  member   = local.runtime_member

  depends_on = [google_cloud_tasks_queue.cancels]
}

# To create a task that presents an account's token is to act as the account.
resource "google_service_account_iam_member" "acts_as" {
  for_each = toset(local.sweeping_accounts)

  service_account_id = "projects/-/serviceAccounts/${each.value}"
  role               = "roles/iam.serviceAccountUser"
  member             = local.runtime_member

  depends_on = [google_service_account.scheduler]
}
