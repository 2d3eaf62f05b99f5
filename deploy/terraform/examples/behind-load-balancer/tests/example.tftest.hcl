mock_provider "google" {}
mock_provider "archive" {}

variables {
  project       = "example-project"
  domain        = "hook.example.com"
  slack_channel = "T0000000001/C0000000001"
}

run "plans" {
  assert {
    condition     = output.webhook_urls == { grafana = "https://hook.example.com/grafana", slack = "https://hook.example.com/slack" }
    error_message = "Senders use the domain."
  }

  assert {
    condition     = google_compute_region_network_endpoint_group.function.cloud_run[0].service == "cancel-hook" && google_compute_backend_service.function.security_policy == google_compute_security_policy.senders.id
    error_message = "The load balancer leads to the function, past Cloud Armor."
  }

  assert {
    condition     = google_compute_managed_ssl_certificate.domain.managed[0].domains[0] == "hook.example.com" && google_compute_global_forwarding_rule.function.port_range == "443"
    error_message = "Only HTTPS with the domain's certificate is served."
  }

  assert {
    condition     = [for rule in google_compute_security_policy.senders.rule : rule.action if rule.priority == 2147483647] == ["deny(403)"]
    error_message = "Who is not named is refused."
  }
}

run "refuses_more_ranges_than_a_rule_has" {
  command = plan

  variables {
    senders = [for i in range(11) : "192.0.2.${i}/32"]
  }

  expect_failures = [var.senders]
}
