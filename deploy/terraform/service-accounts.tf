variable "service_accounts" {
  description = <<-EOT
    Existing service accounts in place of those that the module creates, by part: runtime (the function runs as it),
    build (builds the function), scheduler (starts sweeps), and pubsub (delivers messages). Give emails such as
    hook@my-project.iam.gserviceaccount.com. Use this where another team creates accounts. An account that does something
    else, too, holds rights that the function does not need.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.service_accounts), ["runtime", "build", "scheduler", "pubsub"])) == 0
    error_message = "The parts are runtime, build, scheduler, and pubsub."
  }

  validation {
    condition     = alltrue([for email in values(var.service_accounts) : can(regex("^[a-z0-9-]+@[a-z][a-z0-9-]{4,28}[a-z0-9]\\.iam\\.gserviceaccount\\.com$", email))])
    error_message = "An account is an email such as hook@my-project.iam.gserviceaccount.com. Google's default accounts hold too many rights."
  }
}

locals {
  # The emails, which checks compare with the configuration before an account exists.
  scheduler_email = lookup(var.service_accounts, "scheduler", "${var.name}-scheduler@${var.project}.iam.gserviceaccount.com")
  pubsub_email    = lookup(var.service_accounts, "pubsub", "${var.name}-pubsub@${var.project}.iam.gserviceaccount.com")

  # The same for resources, which need the account itself.
  runtime   = one(concat(google_service_account.runtime[*].email, compact([lookup(var.service_accounts, "runtime", "")])))
  build     = one(concat(google_service_account.build[*].email, compact([lookup(var.service_accounts, "build", "")])))
  build_id  = one(concat(google_service_account.build[*].id, [for email in compact([lookup(var.service_accounts, "build", "")]) : "projects/${regex("@([^.]+)", email)[0]}/serviceAccounts/${email}"]))
  scheduler = try(google_service_account.scheduler[0].email, local.scheduler_email)
  pubsub    = try(google_service_account.pubsub[0].email, local.pubsub_email)
}

# One account per part, so that each holds its own rights alone and the audit log tells them apart.

resource "google_service_account" "runtime" {
  count = contains(keys(var.service_accounts), "runtime") ? 0 : 1

  project      = var.project
  account_id   = var.name
  display_name = "${var.name}: cancels operations"
  description  = "The function runs as this account. Cloud Audit Logs name it for each cancel; the request reason beside it names the caller."

  depends_on = [google_project_service.api]
}

resource "google_service_account" "build" {
  count = contains(keys(var.service_accounts), "build") ? 0 : 1

  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "${var.name}: builds the function"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "scheduler" {
  count = length(local.scheduler_jobs) > 0 && !contains(keys(var.service_accounts), "scheduler") ? 1 : 0

  project      = var.project
  account_id   = "${var.name}-scheduler"
  display_name = "${var.name}: starts sweeps"
  description  = "Cloud Scheduler presents an ID token of this account to the function."

  depends_on = [google_project_service.api]
}

resource "google_service_account" "pubsub" {
  count = length(var.pubsub_topics) > 0 && !contains(keys(var.service_accounts), "pubsub") ? 1 : 0

  project      = var.project
  account_id   = "${var.name}-pubsub"
  display_name = "${var.name}: delivers Pub/Sub messages"
  description  = "Pub/Sub presents an ID token of this account to the function."

  depends_on = [google_project_service.api]
}
