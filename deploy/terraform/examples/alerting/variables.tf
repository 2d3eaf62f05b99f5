variable "project" {
  description = "ID of the project of the function and of the operations."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
  default     = "us-central1"
}

variable "on_call" {
  description = "E-mail address that is told when the hook fails, or when someone cancels past it."
  type        = string
}
