# Plans only: an apply runs gcloud. test/deploy/terraform.test.ts applies, with a stand-in for gcloud.

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

run "throttled_where_nothing_follows_a_response" {
  command = plan

  assert {
    condition     = length(terraform_data.service_settings) == 0
    error_message = "A function that only responds needs no CPU afterwards."
  }
}

run "allocated_where_people_are_told" {
  command = plan

  variables {
    configuration = {
      callers      = { ops = { type = "json", auth = { iam = true }, notify = ["oncall"] } }
      destinations = { oncall = { type = "google-chat", url = ["file:/secrets/oncall/value"] } }
      allow        = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { oncall = {} }
  }

  assert {
    condition     = length(terraform_data.service_settings) == 1
    error_message = "A notification is sent after the response."
  }
}

run "allocated_where_there_is_a_slack_caller" {
  command = plan

  variables {
    public = true
    configuration = {
      callers = { slack = { type = "slack", signingSecret = ["file:/secrets/slack/value"] } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { slack = {} }
  }

  assert {
    condition     = length(terraform_data.service_settings) == 1
    error_message = "Slack's late messages are sent after the response."
  }
}

run "throttled_where_told" {
  command = plan

  variables {
    public                = true
    public_with_all_users = true
    cpu_always_allocated  = false
    configuration = {
      callers = { slack = { type = "slack", signingSecret = ["file:/secrets/slack/value"] } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { slack = {} }
  }

  assert {
    condition     = length(terraform_data.service_settings) == 0
    error_message = "cpu_always_allocated = false works without gcloud."
  }
}

run "public_without_all_users" {
  command = plan

  variables {
    public = true
    configuration = {
      callers = { grafana = { type = "grafana", auth = { bearer = ["file:/secrets/grafana/value"] } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { grafana = {} }
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 0
    error_message = "allUsers has no role."
  }

  assert {
    condition     = join(" ", local.service_settings) == "--no-invoker-iam-check" && length(terraform_data.service_settings) == 1
    error_message = "The check of invokers is switched off after each deployment."
  }

  assert {
    condition     = terraform_data.invoker_check[0].input == "cancel-hook --region=us-central1 --project=example-project"
    error_message = "It is switched on again when the function is public no more."
  }
}

run "public_with_all_users" {
  command = plan

  variables {
    public                = true
    public_with_all_users = true
    configuration = {
      callers = { grafana = { type = "grafana", auth = { bearer = ["file:/secrets/grafana/value"] } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { grafana = {} }
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.invoker["public"].member == "allUsers"
    error_message = "allUsers may call."
  }

  assert {
    condition     = length(terraform_data.service_settings) == 0 && length(terraform_data.invoker_check) == 0
    error_message = "This way needs no gcloud."
  }
}

run "private_has_the_check" {
  command = plan

  variables {
    public_with_all_users = true
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 0 && length(terraform_data.invoker_check) == 0
    error_message = "A private function is neither way public."
  }
}
