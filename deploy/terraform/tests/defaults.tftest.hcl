# What holds for the smallest configuration, with nothing but what must be given.

mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://cancel-hook-abc123-uc.a.run.app" }
    }
  }
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

mock_provider "archive" {
  mock_data "archive_file" {
    defaults = { output_sha256 = "0123abcd" }
  }
}

override_resource {
  target = google_service_account.runtime[0]
  values = { email = "runtime@example-project.iam.gserviceaccount.com", member = "serviceAccount:runtime@example-project.iam.gserviceaccount.com" }
}

override_resource {
  target = google_service_account.build[0]
  values = { email = "build@example-project.iam.gserviceaccount.com", member = "serviceAccount:build@example-project.iam.gserviceaccount.com", id = "projects/example-project/serviceAccounts/build@example-project.iam.gserviceaccount.com" }
}

variables {
  project  = "example-project"
  region   = "us-central1"
  invokers = ["user:sre@example.com"]
  configuration = {
    callers = { ops = { type = "json", auth = { iam = true } } }
    allow   = [{ principals = ["sre@example.com"], operations = ["projects/example-project/locations/*/operations/*"] }]
  }
}

run "function" {
  assert {
    condition     = google_cloudfunctions2_function.hook.build_config[0].runtime == "nodejs24" && google_cloudfunctions2_function.hook.build_config[0].entry_point == "cancelHook"
    error_message = "The runtime and the entry point are what the project is built for."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].service_account_email == "runtime@example-project.iam.gserviceaccount.com"
    error_message = "The function runs as its own account."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.build_config[0].service_account == "projects/example-project/serviceAccounts/build@example-project.iam.gserviceaccount.com"
    error_message = "The build runs as its own account."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].max_instance_count == 4 && google_cloudfunctions2_function.hook.service_config[0].min_instance_count == 0
    error_message = "Instances are bounded, and none idles for money."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].max_instance_request_concurrency >= 8
    error_message = "Cloud Functions' default of one request per instance is not what is wanted."
  }

  assert {
    condition     = google_cloudfunctions2_function.hook.service_config[0].timeout_seconds > 55 + 9 && google_cloudfunctions2_function.hook.service_config[0].timeout_seconds > 50
    error_message = "The function's timeout exceeds the longest wait with upstreamSeconds, and sweepSeconds."
  }

  assert {
    condition     = jsondecode(google_cloudfunctions2_function.hook.service_config[0].environment_variables["CANCEL_HOOK_CONFIG"]).allow[0].operations[0] == "projects/example-project/locations/*/operations/*"
    error_message = "The configuration reaches the function as JSON."
  }

  assert {
    condition = google_cloudfunctions2_function.hook.service_config[0].environment_variables == tomap({
      CANCEL_HOOK_CONFIG   = jsonencode(local.configuration)
      GOOGLE_CLOUD_PROJECT = "example-project"
      LOG_EXECUTION_ID     = "false"
      NODE_ENV             = "production"
      NODE_OPTIONS         = "--require ./dist/start.cjs --max-semi-space-size=4"
    })
    error_message = "The environment holds these five and nothing else."
  }
}

run "rights" {
  assert {
    condition = toset(keys(google_project_iam_custom_role.canceller)) == toset(["example-project"]) && google_project_iam_custom_role.canceller["example-project"].permissions == toset([
      "privateca.operations.cancel",
      "privateca.operations.get",
      "privateca.operations.list",
    ])
    error_message = "The role has exactly these three permissions, in the allowlist's project alone."
  }

  assert {
    condition     = google_project_iam_member.canceller["example-project"].member == "serviceAccount:runtime@example-project.iam.gserviceaccount.com"
    error_message = "The function's account has the role."
  }

  assert {
    condition     = { for key, binding in google_cloud_run_v2_service_iam_member.invoker : key => "${binding.role} ${binding.member} ${binding.name}" } == { "user:sre@example.com" = "roles/run.invoker user:sre@example.com cancel-hook" }
    error_message = "Only who is named may call, on the underlying service; nothing is public unless asked."
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.runtime) == 0 && length(google_service_account.scheduler) == 0 && length(google_service_account.pubsub) == 0
    error_message = "What is not used has no account and no right."
  }

  assert {
    condition     = toset([google_project_iam_member.build_reads_source[0].role, google_artifact_registry_repository_iam_member.build_writes_image.role, google_project_iam_member.build_writes_log[0].role]) == toset(["roles/storage.objectViewer", "roles/artifactregistry.writer", "roles/logging.logWriter"])
    error_message = "A build reads its source, writes its image and logs."
  }

  assert {
    condition     = google_project_iam_member.build_reads_source[0].condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-us-central1\")"
    error_message = "The build reads the bucket of functions' sources and no other."
  }

  assert {
    condition     = google_storage_bucket.source[0].public_access_prevention == "enforced" && google_storage_bucket.source[0].uniform_bucket_level_access
    error_message = "The source's bucket is private."
  }
}

run "other_projects" {
  variables {
    operation_projects = ["pki-dev", "pki-prod"]
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/pki-*/locations/*/operations/*"] }]
    }
  }

  assert {
    condition     = toset(keys(google_project_iam_member.canceller)) == toset(["pki-dev", "pki-prod"]) && alltrue([for role in google_project_iam_custom_role.canceller : length(role.permissions) == 3])
    error_message = "Each project in which operations may be cancelled has the role and the binding."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.bypass) == 0
    error_message = "Cancels in another project are in that project's audit log."
  }
}

run "services_of_the_rules" {
  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow = [{ operations = [
        "//dataproc.googleapis.com/projects/example-project/regions/*/jobs/*",
        "//bigquery.googleapis.com/projects/example-project/locations/us/jobs/*",
        "//batch.googleapis.com/projects/other-project/locations/*/jobs/*",
      ] }]
    }
  }

  assert {
    condition = { for project, role in google_project_iam_custom_role.canceller : project => join(" ", sort(role.permissions)) } == {
      example-project = "bigquery.jobs.get bigquery.jobs.listAll bigquery.jobs.update dataproc.jobs.cancel dataproc.jobs.get dataproc.jobs.list dataproc.operations.cancel dataproc.operations.get dataproc.operations.list"
      other-project   = "batch.jobs.get batch.jobs.list"
    }
    error_message = "Each project's role has the permissions of the services that rules name there, and no others."
  }

  assert {
    condition     = { for key, binding in google_project_iam_member.predefined : key => binding.member } == { "other-project roles/batch.jobsEditor" = "serviceAccount:runtime@example-project.iam.gserviceaccount.com" }
    error_message = "A predefined role is bound where a service needs it, and nowhere else."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.bypass[0].conditions[0].condition_matched_log[0].filter, "protoPayload.serviceName=(\"bigquery.googleapis.com\" OR \"dataproc.googleapis.com\")\n")
    error_message = "The alert on cancels past the function covers the project's services."
  }
}

run "services_of_projects" {
  command = plan

  variables {
    operation_projects = { lab-1 = ["run", "aiplatform"], lab-2 = ["run"] }
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["//run.googleapis.com/projects/lab-*/locations/*/jobs/*/executions/*", "//aiplatform.googleapis.com/projects/lab-1/locations/us-central1/*Jobs/*"] }]
    }
  }

  assert {
    condition     = { for project, role in google_project_iam_custom_role.canceller : project => length(role.permissions) } == { lab-1 = 24, lab-2 = 3 }
    error_message = "Each project's role has the permissions of its services."
  }
}

run "packs_the_source" {
  command = plan

  assert {
    condition     = contains(local.packed_files, "src/index.ts") && contains(local.packed_files, "deploy/bundle.ts")
    error_message = "The source is packed."
  }

  assert {
    condition     = length([for file in local.packed_files : file if strcontains(file, "test/") || strcontains(file, ".tf") || strcontains(file, ".env") || strcontains(file, "node_modules")]) == 0
    error_message = "Nothing else is packed."
  }
}
