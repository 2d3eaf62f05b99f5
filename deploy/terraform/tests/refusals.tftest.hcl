# A bad configuration is refused at the plan, before anything is built. test/deploy/terraform.test.ts checks each error
# of a configuration, in one plan that names them all.

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

run "a_project_that_gets_no_role" {
  command = plan

  variables {
    operation_projects = ["other-project"]
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_service_that_gets_no_role" {
  command = plan

  variables {
    operation_projects = { example-project = ["dataproc"] }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_pattern_for_all_projects_without_operation_projects" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/*/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_service_that_nothing_cancels" {
  command = plan

  variables {
    operation_projects = { example-project = ["privateca", "storage"] }
  }

  expect_failures = [var.operation_projects]
}

run "iam_on_a_public_function" {
  command = plan

  variables {
    public = true
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_timeout_below_upstream_seconds" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      limits  = { upstreamSeconds = 20 }
    }
  }

  expect_failures = [var.timeout_seconds]
}

run "a_timeout_below_sweep_seconds" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      limits  = { sweepSeconds = 300 }
    }
  }

  expect_failures = [var.timeout_seconds]
}

run "instances_without_a_bound" {
  command = plan

  variables {
    max_instances = 0
  }

  expect_failures = [var.max_instances]
}

run "a_projects_number" {
  command = plan

  variables {
    project = "123456789012"
  }

  expect_failures = [var.project]
}

run "values_of_other_forms" {
  command = plan

  variables {
    region                  = "us-central1-a"
    operation_projects      = { example-project = "privateca" } # no list
    invokers                = ["allUsers"]                      # everyone
    timeout_seconds         = 60                                # below the longest wait
    concurrency             = 1
    cpu                     = 0.5
    name                    = "Cancel_Hook"
    memory                  = "256Mi"
    min_instances           = 5
    alert_emails            = ["sre"]
    cancels_per_hour        = 0
    refusals_per_10_minutes = 0
    scheduler_jobs          = "nightly"
  }

  expect_failures = [
    var.region,
    var.operation_projects,
    var.invokers,
    var.timeout_seconds,
    var.concurrency,
    var.cpu,
    var.name,
    var.memory,
    var.min_instances,
    var.alert_emails,
    var.cancels_per_hour,
    var.refusals_per_10_minutes,
    var.scheduler_jobs,
  ]
}
