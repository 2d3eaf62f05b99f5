variable "configuration_in_secret" {
  description = <<-EOT
    Whether the configuration goes to a secret in Secret Manager, mounted as a file, in place of an environment variable. A
    variable holds 30 kB, a secret 64 kB, and not everybody who may read the service reads a secret. A changed
    configuration is a new version and a new revision; older versions stay, for revisions to roll back to. A plan then hides
    the configuration's changes. It holds no secret values in any case.
  EOT
  type        = bool
  default     = false
  nullable    = false

  validation {
    # Cloud Run's limit is 32 KiB for a variable, Secret Manager's 64 KiB for a version.
    condition     = length(base64encode(local.configuration_text)) * 3 / 4 <= (var.configuration_in_secret ? 65000 : 30000)
    error_message = "The configuration is more than ${var.configuration_in_secret ? "a secret (65,000 bytes)" : "an environment variable (30,000 bytes; set configuration_in_secret = true)"} can hold."
  }
}

resource "google_secret_manager_secret" "configuration" {
  count = var.configuration_in_secret ? 1 : 0

  project   = var.project
  secret_id = "${var.name}-configuration"
  labels    = var.labels

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = compact([var.kms_key])

          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.agent]
}

resource "google_secret_manager_secret_version" "configuration" {
  count = var.configuration_in_secret ? 1 : 0

  secret      = google_secret_manager_secret.configuration[0].id
  secret_data = local.configuration_text

  # An instance of an older revision reads its own version when it starts.
  deletion_policy = "ABANDON"
}

resource "google_secret_manager_secret_iam_member" "configuration" {
  count = var.configuration_in_secret ? 1 : 0

  project   = var.project
  secret_id = google_secret_manager_secret.configuration[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.runtime_member
}
