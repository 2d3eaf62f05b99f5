mock_provider "google" {}
mock_provider "archive" {}

variables {
  project  = "example-project"
  operator = "sre@example.com"
}

run "plans" {
  assert {
    condition     = endswith(output.url, "/ops")
    error_message = "The example says where to send a cancel."
  }
}
