# The configuration is an object or a text, in a variable or in a secret. test/deploy/configuration-schema.test.ts compares
# what the plan refuses with what the function's start refuses.

mock_provider "google" {}
mock_provider "archive" {}

variables {
  project = "example-project"
  region  = "us-central1"
  configuration = {
    callers = { ops = { type = "json", auth = { iam = true } } }
    allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
  }
}

run "yaml_as_it_is" {
  command = plan

  variables {
    configuration = <<-EOT
      # Comments are kept.
      callers:
        ops: { type: json, auth: { iam: true } }
      allow:
        - operations: ["projects/example-project/locations/*/operations/*"]
    EOT
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].environment_variables["CANCEL_HOOK_CONFIG"] == "${var.configuration}\n"
    error_message = "The function gets the text."
  }

  assert {
    condition     = join(" ", keys(local.operation_services)) == "example-project"
    error_message = "The rights follow from the text."
  }
}

run "json_as_it_is" {
  command = plan

  variables {
    configuration = "{ \"callers\": { \"ops\": { \"type\": \"json\", \"auth\": { \"iam\": true } } }, \"allow\": [{ \"operations\": [\"projects/example-project/locations/*/operations/*\"] }] }"
  }

  assert {
    condition     = jsondecode(google_cloudfunctions2_function.hook.service_config[0].environment_variables["CANCEL_HOOK_CONFIG"]).callers.ops.type == "json"
    error_message = "JSON is YAML."
  }
}

run "refuses_a_text_that_is_no_object" {
  command = plan

  variables {
    configuration = "hook.yaml"
  }

  expect_failures = [var.configuration]
}

run "in_a_secret" {
  variables {
    configuration_in_secret = true
  }

  override_resource {
    target = google_secret_manager_secret_version.configuration[0]
    values = { version = "7" }
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].environment_variables["CANCEL_HOOK_CONFIG"] == "/configuration/value"
    error_message = "The function reads the configuration from the file."
  }

  assert {
    condition     = [for volume in google_cloudfunctions2_function.hook.service_config[0].secret_volumes : "${volume.mount_path} ${volume.secret} ${volume.versions[0].path} ${volume.versions[0].version}"] == ["/configuration cancel-hook-configuration value 7"]
    error_message = "The version is mounted by its number, so that a change is a new revision."
  }

  assert {
    condition     = jsondecode(google_secret_manager_secret_version.configuration[0].secret_data).callers.ops.type == "json" && google_secret_manager_secret_version.configuration[0].deletion_policy == "ABANDON"
    error_message = "The secret holds the configuration, and older versions stay."
  }

  assert {
    condition     = google_secret_manager_secret_iam_member.configuration[0].role == "roles/secretmanager.secretAccessor" && contains(keys(google_project_service.api), "secretmanager.googleapis.com")
    error_message = "The function may read the secret."
  }
}

run "refuses_more_than_a_variable_holds" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true }, description = join("", [for i in range(1000) : "0123456789012345678901234567890"]) } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [var.configuration_in_secret]
}

run "a_secret_holds_more" {
  command = plan

  variables {
    configuration_in_secret = true
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true }, description = join("", [for i in range(1000) : "0123456789012345678901234567890"]) } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }
}

run "refuses_more_than_a_secret_holds" {
  command = plan

  variables {
    configuration_in_secret = true
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true }, description = join("", [for i in range(1000) : "012345678901234567890123456789012345678901234567890123456789012345"]) } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [var.configuration_in_secret]
}
