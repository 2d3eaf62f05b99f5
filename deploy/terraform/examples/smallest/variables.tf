variable "project" {
  description = "ID of the project of the function and of the operations."
  type        = string
}

variable "region" {
  description = "Region of the function."
  type        = string
  default     = "us-central1"
}

variable "operator" {
  description = "E-mail address of the person who may cancel."
  type        = string
}
