variable "pubsub_topics" {
  description = <<-EOT
    Pub/Sub topics whose messages are webhooks, by name. Each gets a push subscription to the route caller (of type
    pubsub), with an ID token of the account NAME-pubsub, and a topic for undeliverable
    messages. A publisher can cancel what the caller can cancel, so only the members in publishers can publish. With
    monitoring_channel, Cloud Monitoring can publish too, and the module creates a notification channel of that name for
    alert policies. Unlike a webhook channel, it needs no password in Terraform's state.
  EOT
  type = map(object({
    caller                = string
    publishers            = optional(set(string), [])
    monitoring_channel    = optional(bool, false)
    max_delivery_attempts = optional(number, 10)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.pubsub_topics) : can(regex("^[a-z][a-z0-9-]{0,62}$", name))])
    error_message = "A topic's name is lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for topic in values(var.pubsub_topics) : try(local.callers[topic.caller].type, "") == "pubsub"])
    error_message = "A topic's caller is one of the configuration's callers of type pubsub."
  }

  validation {
    condition     = alltrue([for topic in values(var.pubsub_topics) : contains(try(local.accepted_accounts[topic.caller], []), local.pubsub_email)])
    error_message = <<-EOT
      A topic's caller cannot authenticate. A push carries an ID token. On a private function Cloud Run checks it, and auth is
      { iam = true }. On a public one the function verifies it, and auth is { google = { audience, emails } }, with the module's
      audience (https://REGION-PROJECT.cloudfunctions.net/NAME, or the variable audience) and
      NAME-pubsub@PROJECT.iam.gserviceaccount.com among the emails.
    EOT
  }

  validation {
    condition     = alltrue([for topic in values(var.pubsub_topics) : topic.max_delivery_attempts >= 5 && topic.max_delivery_attempts <= 100])
    error_message = "max_delivery_attempts is 5 to 100, as Pub/Sub has it."
  }

  validation {
    condition     = alltrue(flatten([for topic in values(var.pubsub_topics) : [for member in topic.publishers : !contains(["allUsers", "allAuthenticatedUsers"], member)]]))
    error_message = "A publisher can cancel, so a topic is never open to all."
  }
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "webhook" {
  for_each = var.pubsub_topics

  project      = var.project
  name         = "${var.name}-${each.key}"
  labels       = var.labels
  kms_key_name = var.kms_key

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.agent]
}

resource "google_pubsub_subscription" "webhook" {
  for_each = var.pubsub_topics

  project = var.project
  name    = "${var.name}-${each.key}"
  topic   = google_pubsub_topic.webhook[each.key].id
  labels  = var.labels

  # For a push this is the time that the hook has to answer.
  ack_deadline_seconds       = min(600, max(10, var.timeout_seconds))
  message_retention_duration = "86400s" # an alert of yesterday cancels nothing today

  expiration_policy {
    ttl = "" # never: alerts are rare, and a subscription that is not used goes after 31 days
  }

  push_config {
    push_endpoint = "${google_cloudfunctions2_function.hook.service_config[0].uri}/${each.value.caller}"

    oidc_token {
      service_account_email = local.pubsub
      audience              = local.audience
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter[each.key].id
    max_delivery_attempts = each.value.max_delivery_attempts
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = merge([for name, topic in var.pubsub_topics : { for member in topic.publishers : "${name} ${member}" => { topic = name, member = member } }]...)

  project = var.project
  topic   = google_pubsub_topic.webhook[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = each.value.member
}

resource "google_monitoring_notification_channel" "pubsub" {
  for_each = { for name, topic in var.pubsub_topics : name => topic if topic.monitoring_channel }

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  description  = "Cancels the operation that the alert policy's documentation names."
  type         = "pubsub"
  user_labels  = var.labels
  labels       = { topic = google_pubsub_topic.webhook[each.key].id }
}

resource "google_pubsub_topic_iam_member" "monitoring" {
  for_each = google_monitoring_notification_channel.pubsub

  project = var.project
  topic   = google_pubsub_topic.webhook[each.key].name
  role    = "roles/pubsub.publisher"

  # Google makes this account with the project's first channel of this type, hence the order.
  member = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
}
