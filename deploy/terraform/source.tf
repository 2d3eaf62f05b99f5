variable "source_archive" {
  description = <<-EOT
    The function's source. Null: the module packs its own checkout. Or a zip archive: a path, or gs://BUCKET/OBJECT, which
    Cloud Functions' service agent must be able to read. With gs://, a pipeline can apply a saved plan on another machine,
    without a checkout and without a source bucket of the module. Give each version an object of its own: the plan does not
    see that an object of the same name has other content.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.source_archive == null || can(regex("^gs://[^/]+/.+\\.zip$", var.source_archive)) || try(fileexists(var.source_archive) && endswith(var.source_archive, ".zip"), false)
    error_message = "source_archive is gs://BUCKET/OBJECT.zip, or the path of a zip archive that exists."
  }
}

variable "build_worker_pool" {
  description = <<-EOT
    Private worker pool of Cloud Build that builds the function: projects/PROJECT/locations/REGION/workerPools/POOL. Null:
    Google's shared pool. Take one where builds must not reach the internet except through your network. The build needs
    npm's registry. In another project, grant roles/cloudbuild.workerPoolUser there to Cloud Functions' service agent.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.build_worker_pool == null || can(regex("^projects/[^/]+/locations/${var.region}/workerPools/[^/]+$", var.build_worker_pool))
    error_message = "build_worker_pool is projects/PROJECT/locations/REGION/workerPools/POOL, in the function's region."
  }
}

# The build's input: the files that .gcloudignore lets through, as `gcloud functions deploy` takes
# them. That file is the only list, so that both ways to deploy pack the same.

locals {
  root  = "${path.module}/../.."
  packs = var.source_archive == null
  lines = local.packs ? split("\n", file("${local.root}/.gcloudignore")) : []

  packed_patterns = [
    for line in local.lines : trimprefix(trimspace(line), "!/")
    if startswith(line, "!/") && !endswith(trimspace(line), "/")
  ]
  left_out = [
    for line in local.lines : trimprefix(trimspace(line), "/")
    if startswith(line, "/") && endswith(trimspace(line), "/")
  ]
  packed_files = toset([
    for path in setunion([], [for pattern in local.packed_patterns : fileset(local.root, pattern)]...) : path
    if !anytrue([for folder in local.left_out : startswith(path, folder)])
  ])

  uploads = !startswith(coalesce(var.source_archive, "packed"), "gs://")
}

data "archive_file" "source" {
  count = local.packs ? 1 : 0

  type             = "zip"
  output_path      = "${path.root}/.terraform/${var.name}-source.zip"
  output_file_mode = "0644" # whatever this machine's umask: the same source is the same archive

  dynamic "source" {
    for_each = local.packed_files

    content {
      filename = source.value
      content  = file("${local.root}/${source.value}")
    }
  }

  lifecycle {
    precondition {
      condition     = length(setsubtract(["package.json", "package-lock.json", "deploy/bundle.ts", "src/index.ts"], local.packed_files)) == 0
      error_message = "The function's source is not complete: this module must stay in its place in the repository, two folders below package.json. Or set source_archive."
    }
  }
}

resource "google_storage_bucket" "source" {
  count = local.uploads ? 1 : 0

  project                     = var.project
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # It holds one archive, which anyone can make again.
  force_destroy = true

  dynamic "encryption" {
    for_each = compact([var.kms_key])

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.agent]
}

resource "google_storage_bucket_object" "source" {
  count = local.uploads ? 1 : 0

  bucket = google_storage_bucket.source[0].name
  # A new source is a new name, and that is what makes Cloud Functions build again.
  name   = "source-${local.packs ? data.archive_file.source[0].output_sha256 : filesha256(var.source_archive)}.zip"
  source = local.packs ? data.archive_file.source[0].output_path : var.source_archive
}

resource "google_artifact_registry_repository" "images" {
  project       = var.project
  location      = var.region
  repository_id = var.name
  description   = "Container images of the function ${var.name}."
  format        = "DOCKER"
  labels        = var.labels
  kms_key_name  = var.kms_key

  cleanup_policies {
    id     = "old"
    action = "DELETE"
    condition {
      older_than = "${var.build_retention_days * 86400}s"
    }
  }
  cleanup_policies {
    id     = "newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.agent]
}
