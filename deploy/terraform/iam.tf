# The predefined roles that may cancel may do more: privateca.admin may also delete certificate authorities.
# IAM cannot narrow a role to single operations; the allowlist does.
resource "google_project_iam_custom_role" "canceller" {
  for_each = local.operation_services

  project     = each.key
  role_id     = "${replace(var.name, "-", "_")}_canceller"
  title       = "${var.name}: cancel operations"
  description = "Read and cancel what the function is for, and nothing else."
  permissions = distinct(flatten([for service in each.value : local.services[service].permissions]))
}

resource "google_project_iam_member" "canceller" {
  for_each = local.operation_services

  project = each.key
  role    = google_project_iam_custom_role.canceller[each.key].name
  member  = google_service_account.runtime.member
}

# Where Google documents no permission for the cancel: Batch. See deploy/resources.md for what else it permits.
resource "google_project_iam_member" "predefined" {
  for_each = { for binding in flatten([
    for project, services in local.operation_services : [
      for service in services : [for role in local.services[service].roles : { project = project, role = role }]
    ]
  ]) : "${binding.project} ${binding.role}" => binding }

  project = each.value.project
  role    = each.value.role
  member  = google_service_account.runtime.member
}

locals {
  invokers = merge(
    { for member in var.invokers : member => member },
    length(local.scheduler_jobs) > 0 ? { scheduler = google_service_account.scheduler[0].member } : {},
    length(var.pubsub_topics) > 0 ? { pubsub = google_service_account.pubsub[0].member } : {},
    var.public ? { public = "allUsers" } : {},
  )
}

# A function of the second generation is a Cloud Run service, and that is where the right to call it
# is looked up; a binding on the function itself would do nothing.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.invokers

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.hook.name
  role     = "roles/run.invoker"
  member   = each.value
}

# What a build needs: to read the source where Cloud Functions puts it, to write the image, and to log.
resource "google_project_iam_member" "build_reads_source" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  # Cloud Functions makes this bucket at the first deployment, so that it cannot be bound beforehand.
  condition {
    title      = "source-of-functions-only"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
  }
}

resource "google_project_iam_member" "build_writes_image" {
  project = var.project
  role    = "roles/artifactregistry.writer"
  member  = google_service_account.build.member
}

resource "google_project_iam_member" "build_writes_log" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}
