resource "google_cloudfunctions2_function" "hook" {
  project     = var.project
  location    = var.region
  name        = var.name
  description = "Cancels Google Cloud long-running operations when a webhook asks for it and the allowlist agrees."
  labels      = var.labels

  build_config {
    runtime           = "nodejs24"
    entry_point       = "cancelHook"
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }

    # Security fixes of Node and of the base image, without a deployment.
    automatic_update_policy {}
  }

  service_config {
    service_account_email            = google_service_account.runtime.email
    available_memory                 = var.memory
    available_cpu                    = tostring(var.cpu)
    max_instance_count               = var.max_instances
    min_instance_count               = var.min_instances
    max_instance_request_concurrency = var.concurrency
    timeout_seconds                  = var.timeout_seconds
    ingress_settings                 = var.ingress
    all_traffic_on_latest_revision   = true

    environment_variables = merge(jsondecode(file("${path.module}/../runtime-env.json")), {
      CANCEL_HOOK_CONFIG   = jsonencode(local.configuration)
      GOOGLE_CLOUD_PROJECT = var.project
      # Cloud Functions sets this to true where it is missing, and Terraform then finds a difference
      # at each plan. The trace already ties a request's lines together.
      LOG_EXECUTION_ID = "false"
    })

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
  }

  lifecycle {
    precondition {
      condition     = length(local.configuration_faults) == 0
      error_message = "The configuration has faults:\n- ${join("\n- ", local.configuration_faults)}"
    }
  }

  # Without these rights the build fails, or the first instance does not start.
  depends_on = [
    google_project_service.api,
    google_project_iam_member.build_reads_source,
    google_project_iam_member.build_writes_image,
    google_project_iam_member.build_writes_log,
    google_secret_manager_secret_iam_member.runtime,
  ]
}

# A warning and no fault: a gateway in between may present a Google token for such a sender.
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
