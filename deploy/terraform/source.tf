# The build's input: the files that .gcloudignore lets through, as `gcloud functions deploy` takes
# them. That file is the only list, so that both ways to deploy pack the same.

locals {
  root = "${path.module}/../.."

  packed_patterns = [
    for line in split("\n", file("${local.root}/.gcloudignore")) : trimprefix(trimspace(line), "!/")
    if startswith(line, "!/") && !endswith(trimspace(line), "/")
  ]
  left_out = [
    for line in split("\n", file("${local.root}/.gcloudignore")) : trimprefix(trimspace(line), "/")
    if startswith(line, "/") && endswith(trimspace(line), "/")
  ]
  packed_files = toset([
    for path in setunion([for pattern in local.packed_patterns : fileset(local.root, pattern)]...) : path
    if !anytrue([for folder in local.left_out : startswith(path, folder)])
  ])
}

data "archive_file" "source" {
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
      error_message = "The function's source is not complete: this module must stay in its place in the repository, two folders below package.json."
    }
  }
}

resource "google_storage_bucket" "source" {
  project                     = var.project
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # It holds one archive, which anyone can make again.
  force_destroy = true

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_object" "source" {
  bucket = google_storage_bucket.source.name
  # A new source is a new name, and that is what makes Cloud Functions build again.
  name   = "source-${data.archive_file.source.output_sha256}.zip"
  source = data.archive_file.source.output_path
}

resource "google_artifact_registry_repository" "images" {
  project       = var.project
  location      = var.region
  repository_id = var.name
  description   = "Container images of the function ${var.name}."
  format        = "DOCKER"
  labels        = var.labels

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

  depends_on = [google_project_service.api]
}
