locals {
  apis = toset(concat(
    [
      "artifactregistry.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudfunctions.googleapis.com",
      "cloudresourcemanager.googleapis.com",
      "iam.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "run.googleapis.com",
      "storage.googleapis.com",
    ],
    length(var.secrets) > 0 || var.configuration_in_secret ? ["secretmanager.googleapis.com"] : [],
    length(local.scheduler_jobs) > 0 ? ["cloudscheduler.googleapis.com"] : [],
    length(var.pubsub_topics) > 0 ? ["pubsub.googleapis.com"] : [],
    local.queue != null ? ["cloudtasks.googleapis.com"] : [],
    try(var.vpc_egress.connector, null) != null ? ["vpcaccess.googleapis.com"] : [],
  ))
}

resource "google_project_service" "api" {
  for_each = var.enable_apis ? local.apis : []

  project = var.project
  service = each.value

  # Others in the project may use it too.
  disable_on_destroy = false
}

data "google_project" "this" {
  project_id = var.project

  depends_on = [google_project_service.api]
}
