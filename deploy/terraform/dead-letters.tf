# What the hook did not take after all attempts is kept for a week, to be looked at.

resource "google_pubsub_topic" "dead_letter" {
  for_each = var.pubsub_topics

  project = var.project
  name    = "${var.name}-${each.key}-dead-letter"
  labels  = var.labels

  depends_on = [google_project_service.api]
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
# other's subscription. The second right is one permission, in a role of its own.
resource "google_pubsub_topic_iam_member" "dead_letter" {
  for_each = var.pubsub_topics

  project = var.project
  topic   = google_pubsub_topic.dead_letter[each.key].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_project_iam_custom_role" "dead_letter" {
  count = length(var.pubsub_topics) > 0 ? 1 : 0

  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_dead_letter"
  title       = "${var.name}: set undeliverable messages aside"
  description = "For Pub/Sub's service agent, which acknowledges a message that it has moved to the dead-letter topic."
  permissions = ["pubsub.subscriptions.consume"]
}

resource "google_project_iam_member" "dead_letter" {
  count = length(var.pubsub_topics) > 0 ? 1 : 0

  project = var.project
  role    = google_project_iam_custom_role.dead_letter[0].name
  member  = local.pubsub_agent
}
