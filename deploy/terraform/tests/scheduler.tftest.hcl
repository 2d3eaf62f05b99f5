mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://cancel-hook-abc123-uc.a.run.app" }
    }
  }
}

mock_provider "archive" {}

override_resource {
  target = google_service_account.scheduler[0]
  values = { email = "cancel-hook-scheduler@example-project.iam.gserviceaccount.com", member = "serviceAccount:cancel-hook-scheduler@example-project.iam.gserviceaccount.com" }
}

variables {
  # Without gcloud.
  public_with_all_users = true

  project = "example-project"
  region  = "us-central1"
  configuration = {
    callers = { sweeper = { type = "json", auth = { iam = true } } }
    allow = [{
      callers    = ["sweeper"]
      principals = ["cancel-hook-scheduler@example-project.iam.gserviceaccount.com"]
      operations = ["projects/example-project/locations/*/operations/*"]
      verbs      = ["create"]
      sweep      = true
    }]
  }
  scheduler_jobs = {
    nightly = { caller = "sweeper", schedule = "0 3 * * *", body = { parent = "projects/example-project/locations/-", olderThan = "6h", verbs = ["create"] } }
    hourly  = { caller = "sweeper", schedule = "0 * * * *", time_zone = "Europe/Berlin", attempt_deadline_seconds = 300, retry_count = 0, body = { parent = "projects/example-project/locations/us-central1", olderThan = "30m", limit = 5 } }
  }
}

run "jobs" {
  assert {
    condition     = { for name, job in google_cloud_scheduler_job.sweep : name => jsondecode(base64decode(job.http_target[0].body)) } == { for name, job in var.scheduler_jobs : name => job.body }
    error_message = "A job sends its sweep."
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.sweep : job.http_target[0].uri == "https://cancel-hook-abc123-uc.a.run.app/sweeper" && job.http_target[0].http_method == "POST" && job.http_target[0].headers["Content-Type"] == "application/json"])
    error_message = "A job calls its caller's route."
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.sweep : job.http_target[0].oidc_token[0].audience == "https://us-central1-example-project.cloudfunctions.net/cancel-hook"])
    error_message = "The audience is set, and is the function's and not the route's."
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.sweep : job.http_target[0].oidc_token[0].service_account_email == "cancel-hook-scheduler@example-project.iam.gserviceaccount.com"])
    error_message = "A job presents the scheduler's own account."
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.sweep : tonumber(trimsuffix(job.attempt_deadline, "s")) > google_cloudfunctions2_function.hook.service_config[0].timeout_seconds])
    error_message = "The job's deadline exceeds the function's timeout."
  }

  assert {
    condition     = google_cloud_scheduler_job.sweep["nightly"].retry_config[0].retry_count == 3 && google_cloud_scheduler_job.sweep["hourly"].retry_config[0].retry_count == 0
    error_message = "A sweep is tried again unless told otherwise."
  }

  assert {
    condition     = { for key, binding in google_cloud_run_v2_service_iam_member.invoker : key => binding.member } == { scheduler = "serviceAccount:cancel-hook-scheduler@example-project.iam.gserviceaccount.com" }
    error_message = "The scheduler's account may call, and nobody else."
  }
}

run "on_a_public_function" {
  variables {
    public = true
    configuration = {
      callers = { sweeper = { type = "json", auth = { google = {
        audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook"
        emails   = ["cancel-hook-scheduler@example-project.iam.gserviceaccount.com"]
      } } } }
      allow = [{ callers = ["sweeper"], operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
    }
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.sweep : job.http_target[0].oidc_token[0].audience == jsondecode(google_cloudfunctions2_function.hook.service_config[0].environment_variables["CANCEL_HOOK_CONFIG"]).callers.sweeper.auth.google.audience])
    error_message = "The hook expects the audience that the job's token is for."
  }
}

run "refuses_another_audience" {
  command = plan

  variables {
    public = true
    configuration = {
      callers = { sweeper = { type = "json", auth = { google = { audience = "https://other.example.com", emails = ["cancel-hook-scheduler@example-project.iam.gserviceaccount.com"] } } } }
      allow   = [{ callers = ["sweeper"], operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
    }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"], google_cloud_scheduler_job.sweep["hourly"]]
}

run "refuses_a_proof_that_cloud_run_has_taken_away" {
  command = plan

  variables {
    configuration = {
      callers = { sweeper = { type = "json", auth = { google = { audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook", emails = ["cancel-hook-scheduler@example-project.iam.gserviceaccount.com"] } } } }
      allow   = [{ callers = ["sweeper"], operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
    }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"], google_cloud_scheduler_job.sweep["hourly"]]
}

run "refuses_a_caller_that_may_not_sweep" {
  command = plan

  variables {
    configuration = {
      callers = { sweeper = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"], google_cloud_scheduler_job.sweep["hourly"]]
}

run "refuses_a_deadline_below_the_timeout" {
  command = plan

  variables {
    scheduler_jobs = { nightly = { caller = "sweeper", schedule = "0 3 * * *", attempt_deadline_seconds = 70, body = { parent = "projects/example-project/locations/-", olderThan = "6h" } } }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"]]
}

run "refuses_a_misspelt_condition" {
  command = plan

  variables {
    scheduler_jobs = { nightly = { caller = "sweeper", schedule = "0 3 * * *", body = { parent = "projects/example-project/locations/-", olderThan = "6h", verb = ["create"] } } }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"]]
}

run "refuses_a_sweep_of_everything_however_young" {
  command = plan

  variables {
    scheduler_jobs = { nightly = { caller = "sweeper", schedule = "0 3 * * *", body = { parent = "projects/example-project/locations/-" } } }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"]]
}

run "refuses_a_collection_that_no_service_has" {
  command = plan

  variables {
    scheduler_jobs = { nightly = { caller = "sweeper", schedule = "0 3 * * *", body = { parent = "//bigquery.googleapis.com/projects/example-project/jobs", olderThan = "6h" } } }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"]]
}
