# The predefined roles that may cancel an operation (privateca.caManager, privateca.admin) may also
# delete certificate authorities. IAM cannot narrow a role to single operations; the allowlist does.
resource "google_project_iam_custom_role" "canceller" {
  for_each = local.operation_projects

  project     = each.value
  role_id     = "${replace(var.name, "-", "_")}_canceller"
  title       = "${var.name}: cancel operations"
  description = "Read and cancel the long-running operations of Certificate Authority Service, and nothing else."
  permissions = [
    "privateca.operations.cancel",
    "privateca.operations.get",
    "privateca.operations.list",
  ]

  lifecycle {
    precondition {
      condition     = var.operation_projects != null || !anytrue([for project in local.allowed_projects : strcontains(project, "*")])
      error_message = "A pattern in allow has a * in the project's place. Say with operation_projects in which projects the function may have the right to cancel."
    }
    precondition {
      condition     = alltrue([for project in local.allowed_projects : strcontains(project, "*") || contains(local.operation_projects, project)])
      error_message = "allow names a project that operation_projects leaves out: the function would have no right there."
    }
  }
}

resource "google_project_iam_member" "canceller" {
  for_each = local.operation_projects

  project = each.value
  role    = google_project_iam_custom_role.canceller[each.value].name
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
