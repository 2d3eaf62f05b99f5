resource "google_cloudfunctions2_function" "hook" {
  project     = var.project
  location    = var.region
  name        = var.name
  description = "Cancels Google Cloud long-running operations when a webhook asks for it and the allowlist agrees."
  labels      = var.labels

  kms_key_name = var.kms_key

  build_config {
    runtime           = "nodejs24"
    entry_point       = "cancelHook"
    service_account   = local.build_id
    worker_pool       = var.build_worker_pool
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = local.uploads ? google_storage_bucket.source[0].name : split("/", var.source_archive)[2]
        object = local.uploads ? google_storage_bucket_object.source[0].name : replace(var.source_archive, "/^gs://[^/]+//", "")
      }
    }

    # Security fixes of Node and of the base image, without a deployment.
    automatic_update_policy {}
  }

  service_config {
    service_account_email            = local.runtime
    available_memory                 = var.memory
    available_cpu                    = tostring(var.cpu)
    max_instance_count               = var.max_instances
    min_instance_count               = var.min_instances
    max_instance_request_concurrency = var.concurrency
    timeout_seconds                  = var.timeout_seconds
    ingress_settings                 = var.ingress
    vpc_connector                    = local.egress_connector
    vpc_connector_egress_settings    = local.egress_connector == null ? null : var.vpc_egress.mode
    direct_vpc_egress                = one([for egress in local.egress_direct : "VPC_EGRESS_${egress.mode}"])
    all_traffic_on_latest_revision   = true

    environment_variables = merge(jsondecode(file("${path.module}/../runtime-env.json")), {
      # The text, or the path of the file.
      CANCEL_HOOK_CONFIG   = var.configuration_in_secret ? "/configuration/value" : local.configuration_text
      GOOGLE_CLOUD_PROJECT = var.project
      # Cloud Functions sets this to true where it is missing, and Terraform then finds a difference
      # at each plan. The trace already ties a request's lines together.
      LOG_EXECUTION_ID = "false"
    })

    dynamic "direct_vpc_network_interface" {
      for_each = local.egress_direct

      content {
        network    = direct_vpc_network_interface.value.network
        subnetwork = direct_vpc_network_interface.value.subnetwork
        tags       = direct_vpc_network_interface.value.tags
      }
    }

    dynamic "secret_environment_variables" {
      for_each = { for reference, secret in local.given_secrets : reference => secret if secret.env != null }

      content {
        key        = secret_environment_variables.value.env
        project_id = secret_environment_variables.value.project
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }

    dynamic "secret_volumes" {
      for_each = { for reference, secret in local.given_secrets : reference => secret if secret.env == null }

      content {
        # Cloud Run mounts one secret per folder.
        mount_path = "/secrets/${secret_volumes.value.name}"
        project_id = secret_volumes.value.project
        secret     = secret_volumes.value.secret

        versions {
          path    = "value"
          version = secret_volumes.value.version
        }
      }
    }

    # The number and not "latest": a changed configuration is a new revision.
    dynamic "secret_volumes" {
      for_each = google_secret_manager_secret_version.configuration[*].version

      content {
        mount_path = "/configuration"
        project_id = var.project
        secret     = google_secret_manager_secret.configuration[0].secret_id

        versions {
          path    = "value"
          version = secret_volumes.value
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.configuration_errors) == 0
      error_message = "The configuration has errors:\n- ${join("\n- ", local.configuration_errors)}"
    }
  }

  # Without these rights the build fails, or the first instance does not start.
  depends_on = [
    google_project_service.api,
    google_project_iam_member.build_reads_source,
    google_artifact_registry_repository_iam_member.build_writes_image,
    google_project_iam_member.build_writes_log,
    google_secret_manager_secret_iam_member.configuration,
    google_secret_manager_secret_iam_member.runtime,
    google_kms_crypto_key_iam_member.agent,
  ]
}

# A warning and no error: a gateway in between may present a Google token for such a sender.
check "senders_can_reach_the_function" {
  assert {
    condition     = var.public || length(local.unreachable_callers) == 0
    error_message = "The function is not public, and these callers' senders have no Google token to get past Cloud Run: ${join(", ", local.unreachable_callers)}. Set public = true unless a gateway presents one for them."
  }
}

locals {
  # json callers may have a Google identity, and a topic's caller is checked with its topic.
  unreachable_callers = [
    for name, caller in local.callers : name
    if !can(caller.auth.google) && contains(["slack", "google-chat", "cloud-monitoring", "alertmanager", "grafana", "pagerduty"], try(caller.type, ""))
  ]
}
