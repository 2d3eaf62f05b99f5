mock_provider "google" {}
mock_provider "archive" {}

variables {
  project             = "example-project"
  slack_team          = "T0000000001"
  slack_channel       = "C0000000001"
  chat_project_number = "123456789012"
  chat_users          = ["sre@example.com"]
}

run "plans" {
  assert {
    condition     = endswith(output.slack_request_url, "/slack") && endswith(output.chat_endpoint_url, "/chat")
    error_message = "The example says what to enter in Slack and in Google Chat."
  }
}
