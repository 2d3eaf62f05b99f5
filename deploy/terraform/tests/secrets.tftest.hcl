# Secrets are references everywhere: no value is in a plan or a state, because none ever gets in.

mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://cancel-hook-abc123-uc.a.run.app" }
    }
  }
}

mock_provider "archive" {}

override_resource {
  target = google_service_account.runtime[0]
  values = { email = "runtime@example-project.iam.gserviceaccount.com", member = "serviceAccount:runtime@example-project.iam.gserviceaccount.com" }
}

variables {
  # Without gcloud.
  public_with_all_users = true

  project = "example-project"
  region  = "us-central1"
  public  = true

  cpu_always_allocated = false
  configuration = {
    callers = {
      slack = { type = "slack", signingSecret = ["file:/secrets/slack/value"] }
      ops   = { type = "json", auth = { bearer = ["file:/secrets/ops/value", "env:OPS_TOKEN_OLD"] } }
    }
    allow = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
  }
  secrets = {
    slack   = { secret = "slack-signing-secret" }
    ops     = { project = "shared-secrets" }
    ops-old = { secret = "ops", project = "shared-secrets", env = "OPS_TOKEN_OLD", version = "3" }
  }
}

run "mounted_and_pinned" {
  assert {
    condition = { for volume in google_cloudfunctions2_function.hook.service_config[0].secret_volumes :
      volume.mount_path => "${volume.project_id} ${volume.secret} ${volume.versions[0].path} ${volume.versions[0].version}"
      } == {
      "/secrets/slack" = "example-project slack-signing-secret value latest"
      "/secrets/ops"   = "shared-secrets ops value latest"
    }
    error_message = "Mounted secrets follow their newest version."
  }

  assert {
    condition = [for variable in google_cloudfunctions2_function.hook.service_config[0].secret_environment_variables :
      "${variable.key} ${variable.project_id} ${variable.secret} ${variable.version}"
    ] == ["OPS_TOKEN_OLD shared-secrets ops 3"]
    error_message = "A secret in a variable is pinned to a version."
  }

  assert {
    condition = { for key, member in google_secret_manager_secret_iam_member.runtime : key => "${member.role} ${member.project} ${member.secret_id} ${member.member}" } == {
      "example-project/slack-signing-secret" = "roles/secretmanager.secretAccessor example-project slack-signing-secret serviceAccount:runtime@example-project.iam.gserviceaccount.com"
      "shared-secrets/ops"                   = "roles/secretmanager.secretAccessor shared-secrets ops serviceAccount:runtime@example-project.iam.gserviceaccount.com"
    }
    error_message = "The right to read is given secret by secret, and once each."
  }

  assert {
    condition     = alltrue([for caller in values(jsondecode(google_cloudfunctions2_function.hook.service_config[0].environment_variables["CANCEL_HOOK_CONFIG"]).callers) : alltrue([for reference in flatten([try(caller.signingSecret, []), try(caller.auth.bearer, [])]) : can(regex("^(env|file):", reference))])])
    error_message = "In the function's environment a secret is a reference."
  }
}

run "refuses_a_value_in_the_configuration" {
  command = plan

  variables {
    configuration = {
      callers = { slack = { type = "slack", signingSecret = ["8f742231b10e8888abcd99yyyzzz85a5"] } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = {}
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "refuses_a_reference_that_leads_nowhere" {
  command = plan

  variables {
    secrets = { slack = {} }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_secret_that_nobody_uses" {
  command = plan

  variables {
    secrets = { slack = {}, ops = {}, ops-old = { env = "OPS_TOKEN_OLD", version = "3" }, spare = {} }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_variable_that_is_not_pinned" {
  command = plan

  variables {
    secrets = { slack = {}, ops = {}, ops-old = { env = "OPS_TOKEN_OLD" } }
  }

  expect_failures = [var.secrets]
}

run "refuses_a_value_as_the_secrets_id" {
  command = plan

  variables {
    secrets = { slack = { secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=" }, ops = {}, ops-old = { env = "OPS_TOKEN_OLD", version = "3" } }
  }

  expect_failures = [var.secrets]
}
