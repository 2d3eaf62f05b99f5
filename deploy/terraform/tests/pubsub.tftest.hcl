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

mock_provider "archive" {}

override_resource {
  target = google_service_account.pubsub[0]
  values = { email = "cancel-hook-pubsub@example-project.iam.gserviceaccount.com", member = "serviceAccount:cancel-hook-pubsub@example-project.iam.gserviceaccount.com" }
}

variables {
  # Without gcloud.
  public_with_all_users = true

  project = "example-project"
  region  = "us-central1"
  public  = true
  configuration = {
    callers = { alerts = { type = "pubsub", auth = { google = {
      audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook"
      emails   = ["cancel-hook-pubsub@example-project.iam.gserviceaccount.com"]
    } } } }
    allow = [{ callers = ["alerts"], operations = ["projects/example-project/locations/*/operations/*"] }]
  }
  pubsub_topics = {
    alerts = { caller = "alerts", monitoring_channel = true, publishers = ["serviceAccount:bot@example-project.iam.gserviceaccount.com"] }
  }
}

run "delivers_and_sets_aside" {
  assert {
    condition = (
      google_pubsub_subscription.webhook["alerts"].push_config[0].push_endpoint == "https://cancel-hook-abc123-uc.a.run.app/alerts"
      && google_pubsub_subscription.webhook["alerts"].push_config[0].oidc_token[0].audience == "https://us-central1-example-project.cloudfunctions.net/cancel-hook"
      && google_pubsub_subscription.webhook["alerts"].push_config[0].oidc_token[0].service_account_email == "cancel-hook-pubsub@example-project.iam.gserviceaccount.com"
    )
    error_message = "Messages are pushed to the caller's route with a token of the account's own and the audience set."
  }

  assert {
    condition     = google_pubsub_subscription.webhook["alerts"].dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.dead_letter["alerts"].id && google_pubsub_subscription.dead_letter["alerts"].topic == google_pubsub_topic.dead_letter["alerts"].id
    error_message = "What cannot be delivered is kept."
  }

  assert {
    condition     = google_pubsub_topic_iam_member.dead_letter["alerts"].member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com" && google_pubsub_subscription_iam_member.dead_letter["alerts"].subscription == "cancel-hook-alerts" && google_pubsub_subscription_iam_member.dead_letter["alerts"].role == "roles/pubsub.subscriber"
    error_message = "Pub/Sub has the two rights that setting aside needs, and no more."
  }

  assert {
    condition = toset(concat(
      [for binding in google_pubsub_topic_iam_member.publisher : "${binding.role} ${binding.member}"],
      [for binding in google_pubsub_topic_iam_member.monitoring : "${binding.role} ${binding.member}"],
      )) == toset([
      "roles/pubsub.publisher serviceAccount:bot@example-project.iam.gserviceaccount.com",
      "roles/pubsub.publisher serviceAccount:service-123456789012@gcp-sa-monitoring-notification.iam.gserviceaccount.com",
    ])
    error_message = "Only Cloud Monitoring and who is named may publish."
  }

  assert {
    condition     = google_monitoring_notification_channel.pubsub["alerts"].type == "pubsub" && length(google_monitoring_notification_channel.pubsub["alerts"].sensitive_labels) == 0
    error_message = "The channel has no password for a state file to hold."
  }
}

run "refuses_a_private_function" {
  command = plan

  variables {
    public = false
  }

  expect_failures = [var.pubsub_topics]
}

run "refuses_an_open_topic" {
  command = plan

  variables {
    pubsub_topics = { alerts = { caller = "alerts", publishers = ["allUsers"] } }
  }

  expect_failures = [var.pubsub_topics]
}

run "refuses_a_caller_of_another_type" {
  command = plan

  variables {
    configuration = {
      callers = { alerts = { type = "json", auth = { google = { audience = "https://us-central1-example-project.cloudfunctions.net/cancel-hook", emails = ["cancel-hook-pubsub@example-project.iam.gserviceaccount.com"] } } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [var.pubsub_topics]
}
