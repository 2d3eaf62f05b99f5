output "url" {
  description = "The function's URL; webhooks go to URL/CALLER."
  value       = google_cloudfunctions2_function.hook.service_config[0].uri
}

output "webhook_urls" {
  description = "The URL of each caller."
  value       = { for name in keys(local.callers) : name => "${google_cloudfunctions2_function.hook.service_config[0].uri}/${name}" }
}

output "audience" {
  description = "Audience of the ID tokens of Cloud Scheduler and Pub/Sub, for auth.google.audience."
  value       = local.audience
}

output "service_account" {
  description = "The account that the function runs as and that cancels; grant it what the module cannot."
  value       = local.runtime
}

output "build_service_account" {
  description = "The account that builds the function."
  value       = local.build
}

output "scheduler_service_account" {
  description = "The account of Cloud Scheduler's jobs; null without jobs."
  value       = length(local.scheduler_jobs) > 0 ? local.scheduler : null
}

output "pubsub_service_account" {
  description = "The account of Pub/Sub's pushes; null without topics."
  value       = length(var.pubsub_topics) > 0 ? local.pubsub : null
}

output "topics" {
  description = "Full names of the Pub/Sub topics to publish to."
  value       = { for name, topic in google_pubsub_topic.webhook : name => topic.id }
}

output "notification_channels" {
  description = "Notification channels that send to the function, for alert policies."
  value       = { for name, channel in google_monitoring_notification_channel.pubsub : name => channel.id }
}

output "dashboard" {
  description = "The dashboard's ID."
  value       = google_monitoring_dashboard.hook.id
}

output "queue" {
  description = "Full name of the Cloud Tasks queue; null without one."
  value       = local.queue
}

output "permissions" {
  description = "The permissions that the function needs to cancel, by service, for a role of your own (variable role)."
  value       = local.permissions
}

output "project_grants" {
  description = "The roles on projects and folders that the accounts need, for the team that grants them where grant_project_roles is false. A role of null is one with the permissions."
  value = concat(
    [for where in concat(keys(local.operation_services), keys(var.operation_folders)) : { resource = where, role = var.role, member = local.runtime_member, condition = null }],
    flatten([for where, roles in local.predefined_roles : [for role in roles : { resource = where, role = role, member = local.runtime_member, condition = null }]]),
    [
      { resource = var.project, role = "roles/storage.objectViewer", member = local.build_member, condition = local.source_condition },
      { resource = var.project, role = "roles/logging.logWriter", member = local.build_member, condition = null },
    ],
  )
}

output "kms_service_agents" {
  description = "Google's service agents that need roles/cloudkms.cryptoKeyEncrypterDecrypter on kms_key; empty without a key."
  value       = values(local.kms_members)
}

output "service" {
  description = "Name of the function's Cloud Run service, for a load balancer or gcloud run."
  value       = google_cloudfunctions2_function.hook.name
}
