mock_provider "google" {}
mock_provider "archive" {}

variables {
  project = "example-project"
}

run "plans" {
  assert {
    condition     = output.service_account != ""
    error_message = "The example says which account cancels."
  }
}
