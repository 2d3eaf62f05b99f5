mock_provider "google" {}
mock_provider "archive" {}

variables {
  project = "example-project"
  on_call = "sre@example.com"
}

run "plans" {
  assert {
    condition     = output.notification_channel != "" && endswith(output.webhook_urls["grafana"], "/grafana")
    error_message = "The example says where alerts go."
  }
}
