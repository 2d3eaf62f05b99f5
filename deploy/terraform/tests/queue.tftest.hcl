mock_provider "google" {}
mock_provider "archive" {}

override_resource {
  target = google_service_account.runtime[0]
  values = { email = "cancel-hook@example-project.iam.gserviceaccount.com" }
}

variables {
  project = "example-project"
  region  = "us-central1"

  # Without gcloud.
  public_with_all_users = true

  configuration = {
    callers = {
      sweeper = { type = "json", auth = { iam = {
        audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook"
        emails   = ["cancel-hook-scheduler@example-project.iam.gserviceaccount.com", "bot@other-project.iam.gserviceaccount.com", "sre@example.com"]
      } } }
      ops = { type = "json", auth = { iam = true } }
    }
    allow = [{ callers = ["sweeper"], operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
    queue = "projects/example-project/locations/us-central1/queues/cancels"
  }
  scheduler_jobs = {
    nightly = { caller = "sweeper", schedule = "0 3 * * *", body = { parent = "projects/example-project/locations/-", olderThan = "6h" } }
  }
}

run "private" {
  assert {
    condition     = "${google_cloud_tasks_queue.cancels[0].project} ${google_cloud_tasks_queue.cancels[0].location} ${google_cloud_tasks_queue.cancels[0].name}" == "example-project us-central1 cancels"
    error_message = "The queue is the one that the configuration names."
  }

  assert {
    condition     = contains(keys(google_project_service.api), "cloudtasks.googleapis.com")
    error_message = "A queue needs its API."
  }

  assert {
    condition     = google_cloud_tasks_queue_iam_member.enqueuer[0].role == "roles/cloudtasks.enqueuer" && google_cloud_tasks_queue_iam_member.enqueuer[0].member == "serviceAccount:cancel-hook@example-project.iam.gserviceaccount.com"
    error_message = "The function may add tasks to this queue."
  }

  assert {
    condition = { for email, grant in google_service_account_iam_member.acts_as : grant.service_account_id => "${grant.role} ${grant.member}" } == {
      "projects/-/serviceAccounts/cancel-hook-scheduler@example-project.iam.gserviceaccount.com" = "roles/iam.serviceAccountUser serviceAccount:cancel-hook@example-project.iam.gserviceaccount.com"
      "projects/-/serviceAccounts/bot@other-project.iam.gserviceaccount.com"                     = "roles/iam.serviceAccountUser serviceAccount:cancel-hook@example-project.iam.gserviceaccount.com"
    }
    error_message = "The function may present the tokens of the service accounts that sweep, and of no others."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.invoker["scheduler"].role == "roles/run.invoker"
    error_message = "A task comes back as the account that swept, which may call the function."
  }

  assert {
    condition     = output.queue == "projects/example-project/locations/us-central1/queues/cancels"
    error_message = "The output names the queue."
  }
}

run "public" {
  command = plan

  variables {
    public = true
    configuration = {
      callers = { sweeper = { type = "json", auth = { google = {
        audience = ["https://us-central1-example-project.cloudfunctions.net/cancel-hook", "https://hook.example.com"]
        emails   = ["cancel-hook-scheduler@example-project.iam.gserviceaccount.com"]
      } } } }
      allow = [{ callers = ["sweeper"], operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
      queue = "projects/example-project/locations/europe-west1/queues/cancels"
    }
    queue = { dispatches_per_second = 1, concurrent_dispatches = 2, max_attempts = 3 }
  }

  assert {
    condition     = keys(google_service_account_iam_member.acts_as)[0] == "cancel-hook-scheduler@example-project.iam.gserviceaccount.com" && google_cloud_tasks_queue.cancels[0].location == "europe-west1"
    error_message = "A public function acts as the accounts of its google caller."
  }

  assert {
    condition     = google_cloud_tasks_queue.cancels[0].rate_limits[0].max_dispatches_per_second == 1 && google_cloud_tasks_queue.cancels[0].rate_limits[0].max_concurrent_dispatches == 2 && google_cloud_tasks_queue.cancels[0].retry_config[0].max_attempts == 3
    error_message = "The queue has the settings given."
  }
}

run "existing_queue" {
  command = plan

  variables {
    queue = { create = false }
  }

  assert {
    condition     = length(google_cloud_tasks_queue.cancels) == 0 && length(google_cloud_tasks_queue_iam_member.enqueuer) == 1
    error_message = "An existing queue is not created, and the function may add tasks to it."
  }
}

run "refuses_to_create_a_queue_in_another_project" {
  command = plan

  variables {
    configuration = {
      callers = { sweeper = { type = "json", auth = { iam = { audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook" } } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
      queue   = "projects/other-project/locations/us-central1/queues/cancels"
    }
  }

  expect_failures = [google_cloud_tasks_queue.cancels[0]]
}

run "refuses_a_queue_that_no_task_comes_back_from" {
  command = plan

  variables {
    configuration = {
      callers = { sweeper = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
      queue   = "projects/example-project/locations/us-central1/queues/cancels"
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "refuses_a_schedule_whose_account_is_not_accepted" {
  command = plan

  variables {
    configuration = {
      callers = { sweeper = { type = "json", auth = { iam = { audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook", emails = ["bot@other-project.iam.gserviceaccount.com"] } } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"], sweep = true }]
    }
  }

  expect_failures = [google_cloud_scheduler_job.sweep["nightly"]]
}

run "refuses_more_tasks_than_instances_serve" {
  command = plan

  variables {
    queue = { concurrent_dispatches = 321 }
  }

  expect_failures = [var.queue]
}

run "refuses_a_rate_of_zero" {
  command = plan

  variables {
    queue = { dispatches_per_second = 0 }
  }

  expect_failures = [var.queue]
}

run "refuses_no_attempts" {
  command = plan

  variables {
    queue = { max_attempts = 0 }
  }

  expect_failures = [var.queue]
}
