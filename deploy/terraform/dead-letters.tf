# What the hook did not take after all attempts is kept for a week, to be looked at.

resource "google_pubsub_topic" "dead_letter" {
  for_each = var.pubsub_topics

  project      = var.project
  name         = "${var.name}-${each.key}-dead-letter"
  labels       = var.labels
  kms_key_name = var.kms_key

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.agent]
}

# A topic that nobody has subscribed to forgets its messages at once.
resource "google_pubsub_subscription" "dead_letter" {
  for_each = var.pubsub_topics

  project                    = var.project
  name                       = "${var.name}-${each.key}-dead-letter"
  topic                      = google_pubsub_topic.dead_letter[each.key].id
  labels                     = var.labels
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

# To set a message aside, Pub/Sub itself publishes it to the one topic and acknowledges it at the
# other's subscription.
resource "google_pubsub_topic_iam_member" "dead_letter" {
  for_each = var.pubsub_topics

  project = var.project
  topic   = google_pubsub_topic.dead_letter[each.key].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letter" {
  for_each = var.pubsub_topics

  project      = var.project
  subscription = google_pubsub_subscription.webhook[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
