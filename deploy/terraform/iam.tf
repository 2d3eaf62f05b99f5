variable "operation_folders" {
  description = <<-EOT
    In which folders the function may cancel what, beside or in place of operation_projects: a map of folders to services,
    such as { "folders/123456789012" = ["dataproc"] }. The right then holds in all projects below, also in later ones; the
    allowlist still decides on each name. A folder accepts only a role of the organization: set role or organization.
  EOT
  type        = map(set(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for folder, services in var.operation_folders : can(regex("^folders/[0-9]+$", folder)) && length(services) > 0])
    error_message = "operation_folders is a map of folders to services, { \"folders/123456789012\" = [\"dataproc\"] }."
  }

  validation {
    condition     = length(setsubtract(flatten(values(var.operation_folders)), keys(local.services))) == 0
    error_message = "The function cancels nothing of these services: ${join(", ", setsubtract(flatten(values(var.operation_folders)), keys(local.services)))}. Those that it knows: ${join(", ", keys(local.services))}."
  }

  validation {
    condition     = length(var.operation_folders) == 0 || var.organization != null || startswith(coalesce(var.role, "none"), "organizations/")
    error_message = "A folder accepts only a role of the organization: set organization, or role = \"organizations/…/roles/…\"."
  }
}

variable "role" {
  description = <<-EOT
    Existing custom role with the permissions to cancel (output permissions), such as
    organizations/123456789012/roles/operationCanceller. Null: the module creates one in each project, or in organization.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.role == null || can(regex("^(projects/[a-z][a-z0-9-]{4,28}[a-z0-9]|organizations/[0-9]+)/roles/[A-Za-z0-9_.]{3,64}$", var.role))
    error_message = "role is the full name of a custom role: organizations/NUMBER/roles/ROLE or projects/PROJECT/roles/ROLE. A predefined role that can cancel can do more."
  }
}

variable "organization" {
  description = "Number of the organization in which the module creates one custom role, instead of one in each project. To apply this, you need iam.organizationRoleAdmin in the organization."
  type        = string
  default     = null

  validation {
    condition     = var.organization == null || can(regex("^[0-9]+$", var.organization))
    error_message = "organization is the number of an organization."
  }

  validation {
    condition     = var.organization == null || var.role == null
    error_message = "Set organization to create a role, or role to take an existing one, not both."
  }
}

variable "grant_project_roles" {
  description = <<-EOT
    Whether the module creates roles, and grants roles on projects and folders. Set false where another team manages
    them: the output project_grants lists what must be granted, before the first apply. What the module grants on its own
    resources (the service, secrets, topics, the repository) it grants in any case.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

locals {
  permissions    = { for service in distinct(flatten(concat(values(local.operation_services), values(var.operation_folders)))) : service => local.services[service].permissions }
  creates_role   = var.grant_project_roles && var.role == null
  runtime_member = "serviceAccount:${local.runtime}"
  build_member   = "serviceAccount:${local.build}"

  source_condition = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
}

# The predefined roles that may cancel may do more: privateca.admin may also delete certificate authorities.
# IAM cannot narrow a role to single operations; the allowlist does.
resource "google_project_iam_custom_role" "canceller" {
  for_each = local.creates_role && var.organization == null ? local.operation_services : {}

  project     = each.key
  role_id     = "${replace(var.name, "-", "_")}_canceller"
  title       = "${var.name}: cancel operations"
  description = "Read and cancel what the function is for, and nothing else."
  permissions = distinct(flatten([for service in each.value : local.services[service].permissions]))
}

resource "google_organization_iam_custom_role" "canceller" {
  count = local.creates_role && var.organization != null ? 1 : 0

  org_id      = var.organization
  role_id     = replace("${var.project}_${var.name}_canceller", "-", "_")
  title       = "${var.name} in ${var.project}: cancel operations"
  description = "Read and cancel what the function is for, and nothing else."
  permissions = distinct(flatten(values(local.permissions)))
}

locals {
  shared_role = one(concat(compact([var.role]), google_organization_iam_custom_role.canceller[*].name))

  # Where Google documents no permission for the cancel: Batch. See deploy/resources.md for what else it permits.
  predefined_roles = {
    for where, services in merge(local.operation_services, var.operation_folders) : where => distinct(flatten([for service in services : local.services[service].roles]))
  }
}

resource "google_project_iam_member" "canceller" {
  for_each = var.grant_project_roles ? local.operation_services : {}

  project = each.key
  role    = try(google_project_iam_custom_role.canceller[each.key].name, local.shared_role)
  member  = local.runtime_member

  lifecycle {
    precondition {
      condition     = !startswith(coalesce(var.role, "none"), "projects/") || startswith(coalesce(var.role, "none"), "projects/${each.key}/")
      error_message = "The role of one project cannot be granted in another, ${each.key}: take a role of the organization."
    }
  }
}

resource "google_project_iam_member" "predefined" {
  for_each = { for binding in flatten([
    for project in keys(local.operation_services) : [for role in local.predefined_roles[project] : { project = project, role = role }]
  ]) : "${binding.project} ${binding.role}" => binding if var.grant_project_roles }

  project = each.value.project
  role    = each.value.role
  member  = local.runtime_member
}

resource "google_folder_iam_member" "canceller" {
  for_each = { for binding in flatten([
    for folder in keys(var.operation_folders) : [for role in concat(["custom"], local.predefined_roles[folder]) : { folder = folder, role = role }]
  ]) : "${binding.folder} ${binding.role}" => binding if var.grant_project_roles }

  folder = each.value.folder
  role   = each.value.role == "custom" ? local.shared_role : each.value.role
  member = local.runtime_member
}

locals {
  invokers = merge(
    { for member in var.invokers : member => member },
    length(local.scheduler_jobs) > 0 ? { scheduler = "serviceAccount:${local.scheduler}" } : {},
    length(var.pubsub_topics) > 0 ? { pubsub = "serviceAccount:${local.pubsub}" } : {},
    var.public && var.public_with_all_users ? { public = "allUsers" } : {},
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
  count = var.grant_project_roles ? 1 : 0

  project = var.project
  role    = "roles/storage.objectViewer"
  member  = local.build_member

  # Cloud Functions makes this bucket at the first deployment, so that it cannot be bound beforehand.
  condition {
    title      = "source-of-functions-only"
    expression = local.source_condition
  }
}

resource "google_project_iam_member" "build_writes_log" {
  count = var.grant_project_roles ? 1 : 0

  project = var.project
  role    = "roles/logging.logWriter"
  member  = local.build_member
}

resource "google_artifact_registry_repository_iam_member" "build_writes_image" {
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = local.build_member
}
