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
    condition     = length(terraform_data.cpu) == 0
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
    condition     = length(terraform_data.cpu) == 1
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
    condition     = length(terraform_data.cpu) == 1
    error_message = "Slack's late messages are sent after the response."
  }
}

run "throttled_where_told" {
  command = plan

  variables {
    public               = true
    cpu_always_allocated = false
    configuration = {
      callers = { slack = { type = "slack", signingSecret = ["file:/secrets/slack/value"] } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { slack = {} }
  }

  assert {
    condition     = length(terraform_data.cpu) == 0
    error_message = "cpu_always_allocated = false works without gcloud."
  }
}
