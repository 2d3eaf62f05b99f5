variable "ingress" {
  description = <<-EOT
    From where requests are taken: ALLOW_ALL, ALLOW_INTERNAL_AND_GCLB (the VPC networks of the project and a load balancer,
    see examples/behind-load-balancer), or ALLOW_INTERNAL_ONLY. Cloud Scheduler, Cloud Tasks, and Pub/Sub of the same
    project are internal; Slack and other senders on the internet are not.
  EOT
  type        = string
  default     = "ALLOW_ALL"
  nullable    = false

  validation {
    condition     = contains(["ALLOW_ALL", "ALLOW_INTERNAL_AND_GCLB", "ALLOW_INTERNAL_ONLY"], var.ingress)
    error_message = "ingress is ALLOW_ALL, ALLOW_INTERNAL_AND_GCLB or ALLOW_INTERNAL_ONLY."
  }
}

variable "vpc_egress" {
  description = <<-EOT
    Sends the function's own requests through a VPC network, for VPC Service Controls, a firewall, or a fixed address.
    Directly: { network, subnetwork, tags }, where one of network and subnetwork is enough; or through an existing Serverless
    VPC Access connector: { connector }. Direct egress has no machines to pay and scales by itself; it takes addresses of the
    subnet (/26 or larger). mode is PRIVATE_RANGES_ONLY, or ALL_TRAFFIC, where the network needs Private Google Access, and
    Cloud NAT for Slack and other destinations. Null: straight to the internet and to Google.
  EOT
  type = object({
    connector  = optional(string)
    network    = optional(string)
    subnetwork = optional(string)
    tags       = optional(list(string), [])
    mode       = optional(string, "PRIVATE_RANGES_ONLY")
  })
  default = null

  validation {
    condition     = var.vpc_egress == null || try((var.vpc_egress.connector != null) != (var.vpc_egress.network != null || var.vpc_egress.subnetwork != null), false)
    error_message = "vpc_egress has either connector, or network and subnetwork."
  }

  validation {
    condition     = var.vpc_egress == null || try(contains(["PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"], var.vpc_egress.mode), false)
    error_message = "vpc_egress.mode is PRIVATE_RANGES_ONLY or ALL_TRAFFIC."
  }

  validation {
    condition     = try(length(var.vpc_egress.tags) == 0 || var.vpc_egress.connector == null, true)
    error_message = "vpc_egress.tags are for direct egress; a connector has tags of its own."
  }
}

locals {
  egress_connector = try(var.vpc_egress.connector, null)
  egress_direct    = var.vpc_egress == null || local.egress_connector != null ? [] : [var.vpc_egress]
}
