variable "kms_key" {
  description = <<-EOT
    Cloud KMS key that encrypts the function and its image, the source bucket, the repository, the topics, and the
    configuration's secret: projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY, in the function's region. Null:
    Google's keys. Where the key is disabled, no instance starts and no message is delivered. Logs, Cloud Scheduler, and
    Cloud Tasks have keys of their own per project, which the module leaves alone.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex("^projects/[^/]+/locations/${var.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "kms_key is projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY, in the function's region."
  }
}

variable "grant_kms_role" {
  description = "Whether the module lets Google's service agents use kms_key. Set false where another team manages the key: the output kms_service_agents lists who needs roles/cloudkms.cryptoKeyEncrypterDecrypter on it."
  type        = bool
  default     = true
  nullable    = false
}

locals {
  # The first five, for each function: https://cloud.google.com/functions/docs/securing/cmek
  kms_agents = var.kms_key == null ? [] : concat(
    ["gcf-admin-robot", "gcp-sa-artifactregistry", "gs-project-accounts", "serverless-robot-prod", "gcp-sa-eventarc"],
    length(var.pubsub_topics) > 0 ? ["gcp-sa-pubsub"] : [],
    var.configuration_in_secret ? ["gcp-sa-secretmanager"] : [],
  )
  kms_members = { for agent in local.kms_agents : agent => "serviceAccount:service-${data.google_project.this.number}@${agent}.iam.gserviceaccount.com" }
}

resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = var.grant_kms_role ? local.kms_members : {}

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
