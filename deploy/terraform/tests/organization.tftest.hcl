# What a platform team decides: accounts, roles, folders, source, network, key.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

mock_provider "archive" {}

override_resource {
  target = google_service_account.runtime[0]
  values = { email = "cancel-hook@example-project.iam.gserviceaccount.com" }
}

variables {
  project = "example-project"
  region  = "us-central1"
  configuration = {
    callers = { ops = { type = "json", auth = { iam = true } } }
    allow   = [{ operations = ["projects/pki-*/locations/*/operations/*"] }]
  }
  operation_projects = ["pki-dev", "pki-prod"]
}

run "existing_accounts" {
  variables {
    service_accounts = {
      runtime = "hook@accounts.iam.gserviceaccount.com"
      build   = "builds@accounts.iam.gserviceaccount.com"
    }
  }

  assert {
    condition     = length(google_service_account.runtime) == 0 && length(google_service_account.build) == 0
    error_message = "Existing accounts are not created."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].service_account_email == "hook@accounts.iam.gserviceaccount.com" && google_cloudfunctions2_function.hook.build_config[0].service_account == "projects/accounts/serviceAccounts/builds@accounts.iam.gserviceaccount.com"
    error_message = "The function runs and is built as the existing accounts."
  }

  assert {
    condition = toset(concat(
      [for member in google_project_iam_member.canceller : member.member],
      [google_project_iam_member.build_writes_log[0].member, google_project_iam_member.build_reads_source[0].member, google_artifact_registry_repository_iam_member.build_writes_image.member],
    )) == toset(["serviceAccount:hook@accounts.iam.gserviceaccount.com", "serviceAccount:builds@accounts.iam.gserviceaccount.com"])
    error_message = "Existing accounts get the rights of those that the module creates."
  }

  assert {
    condition     = output.service_account == "hook@accounts.iam.gserviceaccount.com" && output.build_service_account == "builds@accounts.iam.gserviceaccount.com"
    error_message = "The outputs name the existing accounts."
  }
}

run "refuses_a_default_account" {
  command = plan

  variables {
    service_accounts = { runtime = "123456789012-compute@developer.gserviceaccount.com" }
  }

  expect_failures = [var.service_accounts]
}

run "existing_role" {
  command = plan

  variables {
    role = "organizations/123456789012/roles/operationCanceller"
  }

  assert {
    condition     = length(google_project_iam_custom_role.canceller) == 0 && length(google_organization_iam_custom_role.canceller) == 0
    error_message = "No role is created."
  }

  assert {
    condition     = { for project, member in google_project_iam_member.canceller : project => member.role } == { pki-dev = "organizations/123456789012/roles/operationCanceller", pki-prod = "organizations/123456789012/roles/operationCanceller" }
    error_message = "The existing role is granted in each project."
  }
}

run "refuses_one_projects_role_in_another" {
  command = plan

  variables {
    role = "projects/pki-dev/roles/operationCanceller"
  }

  expect_failures = [google_project_iam_member.canceller["pki-prod"]]
}

run "role_of_the_organization" {
  variables {
    organization       = "123456789012"
    operation_projects = { pki-dev = ["privateca"], pki-prod = ["privateca", "run"] }
  }

  override_resource {
    target = google_organization_iam_custom_role.canceller[0]
    values = { name = "organizations/123456789012/roles/example_project_cancel_hook_canceller" }
  }

  assert {
    condition     = google_organization_iam_custom_role.canceller[0].role_id == "example_project_cancel_hook_canceller" && length(google_organization_iam_custom_role.canceller[0].permissions) == 6 && length(google_project_iam_custom_role.canceller) == 0
    error_message = "One role has the permissions of all services."
  }

  assert {
    condition     = alltrue([for member in google_project_iam_member.canceller : member.role == "organizations/123456789012/roles/example_project_cancel_hook_canceller"])
    error_message = "Each project gets the role of the organization."
  }
}

run "refuses_a_role_and_an_organization" {
  command = plan

  variables {
    role         = "organizations/123456789012/roles/operationCanceller"
    organization = "123456789012"
  }

  expect_failures = [var.organization]
}

run "folders" {
  command = plan

  variables {
    operation_projects = null
    operation_folders  = { "folders/42" = ["privateca", "batch"] }
    role               = "organizations/123456789012/roles/operationCanceller"
  }

  assert {
    condition = { for key, member in google_folder_iam_member.canceller : key => "${member.folder} ${member.role}" } == {
      "folders/42 custom"                 = "folders/42 organizations/123456789012/roles/operationCanceller"
      "folders/42 roles/batch.jobsEditor" = "folders/42 roles/batch.jobsEditor"
    }
    error_message = "The folder gets the custom role, and the predefined role that Batch needs."
  }

  assert {
    condition     = length(google_project_iam_member.canceller) == 0
    error_message = "No project gets a role beside the folder."
  }
}

run "refuses_a_folder_without_a_role_of_the_organization" {
  command = plan

  variables {
    operation_folders = { "folders/42" = ["privateca"] }
  }

  expect_failures = [var.operation_folders]
}

run "refuses_a_folder_without_the_service_of_a_rule" {
  command = plan

  variables {
    operation_projects = null
    operation_folders  = { "folders/42" = ["dataproc"] }
    organization       = "123456789012"
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "another_team_grants" {
  variables {
    grant_project_roles = false
    role                = "organizations/123456789012/roles/operationCanceller"
  }

  assert {
    condition     = length(google_project_iam_member.canceller) + length(google_project_iam_member.build_reads_source) + length(google_project_iam_member.build_writes_log) + length(google_project_iam_custom_role.canceller) == 0
    error_message = "Nothing is granted on a project."
  }

  assert {
    condition = [for grant in output.project_grants : "${grant.resource} ${grant.role}"] == [
      "pki-dev organizations/123456789012/roles/operationCanceller",
      "pki-prod organizations/123456789012/roles/operationCanceller",
      "example-project roles/storage.objectViewer",
      "example-project roles/logging.logWriter",
    ]
    error_message = "The output lists what the other team grants."
  }

  assert {
    condition     = jsonencode(output.permissions) == jsonencode({ privateca = ["privateca.operations.cancel", "privateca.operations.get", "privateca.operations.list"] })
    error_message = "The output lists the permissions of the role."
  }
}

run "source_in_a_bucket" {
  command = plan

  variables {
    source_archive = "gs://releases/cancel-hook/source-1.2.3.zip"
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.build_config[0].source[0].storage_source[0].bucket == "releases" && google_cloudfunctions2_function.hook.build_config[0].source[0].storage_source[0].object == "cancel-hook/source-1.2.3.zip"
    error_message = "The function is built from the object."
  }

  assert {
    condition     = length(google_storage_bucket.source) == 0 && length(google_storage_bucket_object.source) == 0 && length(data.archive_file.source) == 0 && length(local.packed_files) == 0
    error_message = "Nothing is packed or uploaded."
  }
}

run "worker_pool" {
  command = plan

  variables {
    build_worker_pool = "projects/builds/locations/us-central1/workerPools/private"
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.build_config[0].worker_pool == "projects/builds/locations/us-central1/workerPools/private"
    error_message = "The pool builds the function."
  }
}

run "direct_egress" {
  command = plan

  variables {
    vpc_egress = { network = "projects/host/global/networks/shared", subnetwork = "projects/host/regions/us-central1/subnetworks/run", tags = ["hook"], mode = "ALL_TRAFFIC" }
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].direct_vpc_egress == "VPC_EGRESS_ALL_TRAFFIC" && google_cloudfunctions2_function.hook.service_config[0].direct_vpc_network_interface[0].subnetwork == "projects/host/regions/us-central1/subnetworks/run" && google_cloudfunctions2_function.hook.service_config[0].direct_vpc_network_interface[0].tags[0] == "hook"
    error_message = "The function sends through the subnetwork."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].vpc_connector == null && !contains(keys(google_project_service.api), "vpcaccess.googleapis.com")
    error_message = "Direct egress needs no connector."
  }
}

run "egress_through_a_connector" {
  command = plan

  variables {
    vpc_egress = { connector = "projects/example-project/locations/us-central1/connectors/hook" }
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].vpc_connector == "projects/example-project/locations/us-central1/connectors/hook" && google_cloudfunctions2_function.hook.service_config[0].vpc_connector_egress_settings == "PRIVATE_RANGES_ONLY" && length(google_cloudfunctions2_function.hook.service_config[0].direct_vpc_network_interface) == 0
    error_message = "The function sends through the connector what is for private addresses."
  }

  assert {
    condition     = contains(keys(google_project_service.api), "vpcaccess.googleapis.com")
    error_message = "A connector needs its API."
  }
}

run "refuses_an_unknown_egress_mode" {
  command = plan

  variables {
    vpc_egress = { network = "default", mode = "all" }
  }

  expect_failures = [var.vpc_egress]
}

run "refuses_tags_of_a_connector" {
  command = plan

  variables {
    vpc_egress = { connector = "hook", tags = ["hook"] }
  }

  expect_failures = [var.vpc_egress]
}

run "key" {
  variables {
    kms_key                 = "projects/keys/locations/us-central1/keyRings/hook/cryptoKeys/hook"
    configuration_in_secret = true
  }

  assert {
    condition = toset([
      google_cloudfunctions2_function.hook.kms_key_name,
      google_artifact_registry_repository.images.kms_key_name,
      google_storage_bucket.source[0].encryption[0].default_kms_key_name,
      google_secret_manager_secret.configuration[0].replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name,
    ]) == toset([var.kms_key])
    error_message = "The key encrypts what the module creates."
  }

  assert {
    condition     = alltrue([for grant in google_kms_crypto_key_iam_member.agent : grant.crypto_key_id == var.kms_key && grant.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"]) && toset(values(google_kms_crypto_key_iam_member.agent)[*].member) == toset(output.kms_service_agents)
    error_message = "Each service agent may use the key."
  }

  assert {
    condition     = toset(output.kms_service_agents) == toset([for agent in ["gcf-admin-robot", "gcp-sa-artifactregistry", "gs-project-accounts", "serverless-robot-prod", "gcp-sa-eventarc", "gcp-sa-secretmanager"] : "serviceAccount:service-123456789012@${agent}.iam.gserviceaccount.com"])
    error_message = "The agents are those of the services in use."
  }
}

run "key_of_another_team" {
  command = plan

  variables {
    kms_key        = "projects/keys/locations/us-central1/keyRings/hook/cryptoKeys/hook"
    grant_kms_role = false
  }

  assert {
    condition     = length(google_kms_crypto_key_iam_member.agent) == 0
    error_message = "Nothing is granted on the key."
  }
}

run "refuses_values_of_other_forms" {
  command = plan

  variables {
    service_accounts  = { runtme = "hook@accounts.iam.gserviceaccount.com" }
    role              = "roles/privateca.admin" # predefined
    source_archive    = "not-there.zip"
    build_worker_pool = "projects/builds/locations/europe-west1/workerPools/private" # of another region
    vpc_egress        = { connector = "hook", network = "default" }                  # two ways
    ingress           = "internal"
    kms_key           = "projects/keys/locations/europe-west1/keyRings/hook/cryptoKeys/hook" # of another region
    labels            = { Team = "sre" }
  }

  expect_failures = [
    var.service_accounts,
    var.role,
    var.source_archive,
    var.build_worker_pool,
    var.vpc_egress,
    var.ingress,
    var.kms_key,
    var.labels,
  ]
}
