variable "project" {
  description = "ID of the project of the function, the load balancer, and the operations."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
  default     = "us-central1"
}

variable "domain" {
  description = "Domain of the function, such as hook.example.com. You set its A record to the output address."
  type        = string
}

variable "slack_channel" {
  description = "Where the slash command may be used: TEAM/CHANNEL."
  type        = string
}

variable "senders" {
  description = "Addresses that may send: up to ten ranges, or [\"*\"]. Slack publishes no fixed addresses."
  type        = list(string)
  default     = ["*"]

  validation {
    condition     = length(var.senders) >= 1 && length(var.senders) <= 10
    error_message = "A rule of Cloud Armor has one to ten ranges."
  }
}

variable "requests_per_minute" {
  description = "Requests per minute that one address may send. A group of alerts is one request."
  type        = number
  default     = 120
}

variable "labels" {
  description = "Labels for all that can carry them."
  type        = map(string)
  default     = {}
}
