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
  value       = google_service_account.runtime.email
}

output "build_service_account" {
  description = "The account that builds the function."
  value       = google_service_account.build.email
}

output "scheduler_service_account" {
  description = "The account of Cloud Scheduler's jobs; null without jobs."
  value       = one(google_service_account.scheduler[*].email)
}

output "pubsub_service_account" {
  description = "The account of Pub/Sub's pushes; null without topics."
  value       = one(google_service_account.pubsub[*].email)
}

output "topics" {
  description = "Full names of the Pub/Sub topics to publish to."
  value       = { for name, topic in google_pubsub_topic.webhook : name => topic.id }
}

output "notification_channels" {
  description = "Notification channels that lead to the hook, for alert policies."
  value       = { for name, channel in google_monitoring_notification_channel.pubsub : name => channel.id }
}

output "dashboard" {
  description = "The dashboard's ID."
  value       = google_monitoring_dashboard.hook.id
}
