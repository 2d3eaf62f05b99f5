variable "project" {
  description = "ID of the project of the function and of the operations."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
  default     = "us-central1"
}

variable "slack_team" {
  description = "ID of the Slack workspace (T…)."
  type        = string
}

variable "slack_channel" {
  description = "ID of the channel whose members may cancel (C…)."
  type        = string
}

variable "chat_project_number" {
  description = "Number of the project that the Google Chat app is configured in: what its tokens are for."
  type        = string
}

variable "chat_users" {
  description = "E-mail addresses of the people who may cancel from Google Chat."
  type        = list(string)
}
