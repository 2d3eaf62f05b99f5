variable "project" {
  description = "ID of the project of the function and of the operations."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
  default     = "us-central1"
}

variable "older_than" {
  description = "Age at which an operation is taken to have run away."
  type        = string
  default     = "6h"
}
