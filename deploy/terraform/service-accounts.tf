# One account per part, so that each holds its own rights alone and the audit log tells them apart.

resource "google_service_account" "runtime" {
  project      = var.project
  account_id   = var.name
  display_name = "${var.name}: cancels operations"
  description  = "The function runs as this account. Cloud Audit Logs name it for each cancel; the request reason beside it names the caller."

  depends_on = [google_project_service.api]
}

resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "${var.name}: builds the function"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "scheduler" {
  count = length(local.scheduler_jobs) > 0 ? 1 : 0

  project      = var.project
  account_id   = "${var.name}-scheduler"
  display_name = "${var.name}: starts sweeps"
  description  = "Cloud Scheduler presents an ID token of this account to the function."

  depends_on = [google_project_service.api]
}

resource "google_service_account" "pubsub" {
  count = length(var.pubsub_topics) > 0 ? 1 : 0

  project      = var.project
  account_id   = "${var.name}-pubsub"
  display_name = "${var.name}: delivers Pub/Sub messages"
  description  = "Pub/Sub presents an ID token of this account to the function."

  depends_on = [google_project_service.api]
}
