# A slash command in Slack and an app in Google Chat. Both come from the internet without a Google
# token that Cloud Run would take, so the function is public, and the hook itself checks Slack's
# signature and Chat's token.

module "cancel_hook" {
  source = "../.."

  project = var.project
  region  = var.region
  public  = true

  # Slack gives up after three seconds; a warm instance is not caught by a cold start.
  min_instances = 1

  # Two, so that one can be rotated while the other is still taken.
  secrets = {
    slack     = { secret = "slack-signing-secret" }
    slack-old = { secret = "slack-signing-secret-old" }
  }

  configuration = {
    callers = {
      slack = { type = "slack", signingSecret = ["file:/secrets/slack/value", "file:/secrets/slack-old/value"] }
      chat  = { type = "google-chat", audience = var.chat_project_number }
    }
    allow = [
      {
        description = "The on-call channel may cancel anything that creates"
        callers     = ["slack"]
        principals  = ["${var.slack_team}/${var.slack_channel}"]
        operations  = ["projects/${var.project}/locations/*/operations/*"]
        verbs       = ["create"]
      },
      {
        description = "So may these people from Google Chat"
        callers     = ["chat"]
        principals  = var.chat_users
        operations  = ["projects/${var.project}/locations/*/operations/*"]
        verbs       = ["create"]
      },
    ]
  }
}

output "slack_request_url" {
  description = "For the slash command and for interactivity, in the Slack app's settings."
  value       = module.cancel_hook.webhook_urls["slack"]
}

output "chat_endpoint_url" {
  description = "For the Google Chat app's connection settings."
  value       = module.cancel_hook.webhook_urls["chat"]
}
