# Every option at once: they fit together.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

mock_provider "archive" {}

variables {
  project = "example-project"
  region  = "us-central1"
  name    = "hook-of-sre"
  labels  = { team = "sre" }

  enable_apis        = true
  operation_projects = { example-project = ["privateca", "dataproc"], lab = ["batch"] }
  operation_folders  = { "folders/42" = ["privateca", "batch"] }
  organization       = "123456789012"

  service_accounts = {
    runtime   = "runtime@accounts.iam.gserviceaccount.com"
    build     = "build@accounts.iam.gserviceaccount.com"
    scheduler = "scheduler@accounts.iam.gserviceaccount.com"
    pubsub    = "pubsub@accounts.iam.gserviceaccount.com"
  }
  grant_project_roles = true

  public                = true
  public_with_all_users = false
  invokers              = ["group:sre@example.com"]
  audience              = "https://hook.example.com"
  ingress               = "ALLOW_INTERNAL_AND_GCLB"
  vpc_egress            = { network = "default", subnetwork = "run", tags = ["hook"], mode = "ALL_TRAFFIC" }

  kms_key                 = "projects/keys/locations/us-central1/keyRings/hook/cryptoKeys/hook"
  grant_kms_role          = true
  configuration_in_secret = true
  source_archive          = "gs://releases/source-1.2.3.zip"
  build_worker_pool       = "projects/builds/locations/us-central1/workerPools/private"
  build_retention_days    = 30

  max_instances        = 10
  min_instances        = 1
  concurrency          = 100
  memory               = "1Gi"
  cpu                  = 2
  cpu_always_allocated = true
  timeout_seconds      = 120

  queue            = { dispatches_per_second = 5, concurrent_dispatches = 5, max_attempts = 5 }
  scheduler_region = "us-east1"

  alert_emails            = ["sre@example.com"]
  notification_channels   = ["projects/example-project/notificationChannels/1"]
  cancels_per_hour        = 10
  refusals_per_10_minutes = 10
  uptime_check            = true
  log_retention_days      = 400

  secrets = {
    slack    = { secret = "slack-signing-secret" }
    slack-1  = { secret = "slack-signing-secret", env = "SLACK_OLD", version = "1" }
    oncall   = { project = "shared-secrets" }
    am-token = {}
  }
  scheduler_jobs = {
    nightly = { caller = "sweeper", schedule = "0 3 * * *", time_zone = "Europe/Berlin", description = "Sweeps", paused = true, retry_count = 1, attempt_deadline_seconds = 300, body = { parent = "projects/example-project/locations/-", olderThan = "6h", verbs = ["create"], targets = ["projects/example-project/**"], limit = 5, validateOnly = true, reason = "nightly" } }
  }
  pubsub_topics = {
    incidents = { caller = "monitoring", publishers = ["group:sre@example.com"], monitoring_channel = true, max_delivery_attempts = 5 }
  }
  configuration = <<-EOT
    mode: observe
    limits: { bodyBytes: 2097152, concurrentRequests: 100, upstreamSeconds: 12, sweepMax: 50, alertMax: 50, concurrentCancels: 4, sweepSeconds: 60 }
    queue: projects/example-project/locations/us-central1/queues/cancels
    callers:
      slack: { type: slack, signingSecret: ["file:/secrets/slack/value", "env:SLACK_OLD"], description: People on call }
      sweeper: { type: json, notify: [oncall], auth: { google: { audience: "https://hook.example.com", emails: [scheduler@accounts.iam.gserviceaccount.com] } } }
      monitoring: { type: pubsub, auth: { google: { audience: "https://hook.example.com", emails: [pubsub@accounts.iam.gserviceaccount.com] } } }
      alerts: { type: alertmanager, mode: ask, notify: [oncall], wait: 5s, auth: { bearer: ["file:/secrets/am-token/value"] }, preset: { parent: projects/example-project/locations/-, olderThan: 6h } }
    destinations:
      oncall: { type: slack, url: ["file:/secrets/oncall/value"] }
    allow:
      - { callers: [slack], principals: [T0000000001/C0000000001], operations: ["projects/example-project/locations/*/operations/*"] }
      - { callers: [sweeper, alerts], operations: ["projects/*/locations/*/operations/*"], verbs: [create], sweep: true }
      - { callers: [monitoring], operations: ["//dataproc.googleapis.com/projects/example-project/regions/*/jobs/*", "//batch.googleapis.com/projects/lab/locations/*/jobs/*"] }
  EOT
}

run "plans" {
  command = plan

  assert {
    condition     = length(google_service_account_iam_member.acts_as) == 1 && length(google_kms_crypto_key_iam_member.agent) == 7 && length(google_folder_iam_member.canceller) == 2 && length(google_project_iam_member.predefined) == 1
    error_message = "Each option has its grants."
  }

  assert {
    condition     = google_service_account_iam_member.acts_as["scheduler@accounts.iam.gserviceaccount.com"].role == "roles/iam.serviceAccountUser" && length(google_service_account.scheduler) + length(google_service_account.pubsub) == 0
    error_message = "The existing accounts take the place of those that the module creates."
  }

  assert {
    condition     = join(" ", local.service_settings) == "--no-cpu-throttling --no-invoker-iam-check"
    error_message = "One step sets what Cloud Functions has no setting for."
  }

  assert {
    condition = alltrue([for labels in [
      google_cloudfunctions2_function.hook.labels,
      google_artifact_registry_repository.images.labels,
      google_secret_manager_secret.configuration[0].labels,
      google_pubsub_topic.webhook["incidents"].labels,
      google_pubsub_topic.dead_letter["incidents"].labels,
      google_pubsub_subscription.webhook["incidents"].labels,
      google_pubsub_subscription.dead_letter["incidents"].labels,
      google_monitoring_alert_policy.failure.user_labels,
      google_monitoring_notification_channel.email["sre@example.com"].user_labels,
      google_monitoring_notification_channel.pubsub["incidents"].user_labels,
    ] : labels["team"] == "sre"])
    error_message = "All that takes labels has them."
  }

  assert {
    condition     = google_pubsub_topic.webhook["incidents"].kms_key_name == var.kms_key && google_pubsub_topic.dead_letter["incidents"].kms_key_name == var.kms_key
    error_message = "The key encrypts the topics, too."
  }
}
