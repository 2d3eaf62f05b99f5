# A bad configuration is refused at the plan, before anything is built.

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

run "without_callers" {
  command = plan

  variables {
    configuration = {
      callers = {}
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "without_rules" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = []
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "an_unknown_key" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      mod     = "observe"
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "an_unknown_mode" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      mode    = "watch"
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "an_unknown_limit" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      limits  = { upstreamSecond = 9 }
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_limit_of_nothing" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      limits  = { sweepMax = 0 }
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "an_unknown_type" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "teams", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_route_in_capitals" {
  command = plan

  variables {
    configuration = {
      callers = { Ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_caller_without_a_proof" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json" } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_caller_with_two_proofs" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true, bearer = "env:OPS_TOKEN" } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
    secrets = { ops = { env = "OPS_TOKEN", version = "1" } }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "an_unknown_key_of_a_caller" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true }, fields = "operation" } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "google_without_an_audience" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { google = { emails = ["a@example.com"] } } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_rule_with_a_misspelt_condition" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"], verb = ["create"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_rule_without_operations" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ callers = ["ops"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_rule_for_a_caller_that_is_not_there" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ callers = ["opps"], operations = ["projects/example-project/locations/*/operations/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_pattern_that_is_no_operation" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/caPools/*"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_pattern_with_a_segment_too_many" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*/x"] }]
    }
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "a_project_that_gets_no_role" {
  command = plan

  variables {
    operation_projects = ["other-project"]
  }

  expect_failures = [google_project_iam_custom_role.canceller]
}

run "iam_on_a_public_function" {
  command = plan

  variables {
    public = true
  }

  expect_failures = [google_cloudfunctions2_function.hook]
}

run "everyone_as_an_invoker" {
  command = plan

  variables {
    invokers = ["allUsers"]
  }

  expect_failures = [var.invokers]
}

run "a_timeout_below_the_longest_wait" {
  command = plan

  variables {
    timeout_seconds = 60
  }

  expect_failures = [var.timeout_seconds]
}

run "a_timeout_below_upstream_seconds" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      limits  = { upstreamSeconds = 20 }
    }
  }

  expect_failures = [var.timeout_seconds]
}

run "a_timeout_below_sweep_seconds" {
  command = plan

  variables {
    configuration = {
      callers = { ops = { type = "json", auth = { iam = true } } }
      allow   = [{ operations = ["projects/example-project/locations/*/operations/*"] }]
      limits  = { sweepSeconds = 300 }
    }
  }

  expect_failures = [var.timeout_seconds]
}

run "instances_without_a_bound" {
  command = plan

  variables {
    max_instances = 0
  }

  expect_failures = [var.max_instances]
}

run "one_request_per_instance" {
  command = plan

  variables {
    concurrency = 1
  }

  expect_failures = [var.concurrency]
}

run "less_than_one_cpu" {
  command = plan

  variables {
    cpu = 0.5
  }

  expect_failures = [var.cpu]
}

run "a_projects_number" {
  command = plan

  variables {
    project = "123456789012"
  }

  expect_failures = [var.project]
}
