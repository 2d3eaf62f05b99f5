variable "project" {
  description = "ID of the project that the function runs in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project ID is 6 to 30 lower-case letters, digits and hyphens. A project's number or display name does not do: service accounts and the function's URL are made of the ID."
  }
}

variable "region" {
  description = "Region of the function. The operations that it cancels may be in any location."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like us-central1."
  }
}

variable "name" {
  description = "Name of the function, and the first part of the names of all that belongs to it."
  type        = string
  default     = "cancel-hook"
  nullable    = false

  validation {
    # NAME-scheduler is a service account's ID, of which Google allows 30 characters.
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "The name is 4 to 20 lower-case letters, digits and hyphens."
  }
}

variable "operation_projects" {
  description = <<-EOT
    In which projects the function may cancel what: a map of projects to services, such as { my-project = ["dataproc",
    "bigquery"] }, named as in services.json. A list of projects means privateca (Certificate Authority Service) in each. Each
    project gets a custom role with the permissions of its services, and the binding. Null: the projects and services that
    the allowlist names. It must be given where a pattern has a * in the project's place.
  EOT
  # A map of lists, or a list.
  type    = any
  default = null

  validation {
    condition = var.operation_projects == null || (
      can(keys(var.operation_projects))
      ? try(alltrue([for services in values(var.operation_projects) : length(toset(services)) > 0]), false)
      : can(toset([for project in var.operation_projects : tostring(project)]))
    )
    error_message = "operation_projects is a map of projects to lists of services, { my-project = [\"dataproc\"] }, or a list of projects."
  }

  validation {
    condition     = length(setsubtract(try(flatten(values(var.operation_projects)), []), keys(local.services))) == 0
    error_message = "The function cancels nothing of these services: ${join(", ", setsubtract(try(flatten(values(var.operation_projects)), []), keys(local.services)))}. Those that it knows: ${join(", ", keys(local.services))}."
  }
}

variable "public" {
  description = <<-EOT
    Whether anyone on the internet may reach the function. Slack, Google Chat, Grafana, PagerDuty, Alertmanager and Cloud
    Monitoring's webhooks cannot present a Google token, so Cloud Run's own check would turn them away; then this must be
    true, and only the function authenticates: by each caller's signature, token or password. Leave it
    false where every caller has a Google identity. See public_with_all_users for the two ways to be public.
  EOT
  type        = bool
  default     = false
  nullable    = false
}

variable "invokers" {
  description = "Who may call the function past Cloud Run's check, besides the accounts that this module makes: members such as user:sre@example.com, group:… or serviceAccount:…. Each gets the invoker role on this one service."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):[^\\s]+$", member))])
    error_message = "An invoker is a member such as user:sre@example.com. To let everyone call the function, set public = true."
  }
}

variable "audience" {
  description = "Audience of the ID tokens that Cloud Scheduler and Pub/Sub present. Null: the function's URL on cloudfunctions.net, which is known before it exists and which Cloud Run accepts."
  type        = string
  default     = null
}

variable "max_instances" {
  description = "Most instances at once. This bounds the cost of a flood, and the load on Google's API."
  type        = number
  default     = 4
  nullable    = false

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances is a whole number from 1 to 100; 0 would mean no bound."
  }
}

variable "min_instances" {
  description = "Instances that are kept warm. 0 costs nothing while idle, and the first call after a pause waits for a start; 1 keeps Slack's three seconds safe."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.min_instances >= 0 && var.min_instances <= var.max_instances && floor(var.min_instances) == var.min_instances
    error_message = "min_instances is a whole number from 0 to max_instances."
  }
}

variable "concurrency" {
  description = "Requests that one instance serves at once. They mostly wait for Google's API, so one instance carries many."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.concurrency >= 8 && var.concurrency <= 1000 && floor(var.concurrency) == var.concurrency
    error_message = "concurrency is a whole number from 8 to 1000: with fewer, waiting requests fill up the instances."
  }
}

variable "memory" {
  description = "Memory of one instance. Measured: 70 MiB at rest, 270 with 80 requests at once, 400 when each of the 80 brings 1 MB."
  type        = string
  default     = "512Mi"
  nullable    = false

  validation {
    condition     = can(regex("^(512Mi|[1-4]Gi)$", var.memory))
    error_message = "memory is 512Mi, or 1Gi to 4Gi."
  }
}

variable "cpu" {
  description = "CPUs of one instance. Below 1, Cloud Run serves only one request at a time."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2, 4], var.cpu)
    error_message = "cpu is 1, 2 or 4."
  }
}

variable "timeout_seconds" {
  description = "The longest that a request may take. Longer than the longest wait (55 s) with the cancel before it (limits.upstreamSeconds), and than a sweep (limits.sweepSeconds)."
  type        = number
  default     = 70
  nullable    = false

  validation {
    condition     = var.timeout_seconds > max(55 + local.limits.upstreamSeconds, local.limits.sweepSeconds) && var.timeout_seconds <= 1700
    error_message = "timeout_seconds must be more than 55 + limits.upstreamSeconds and more than limits.sweepSeconds (or Cloud Run cuts off a request that the hook would still answer), and at most 1700."
  }
}

variable "build_retention_days" {
  description = "Days for which old container images are kept, to roll back to. The ten newest are kept in any case."
  type        = number
  default     = 90
  nullable    = false
}

variable "labels" {
  description = "Labels for all that can carry them, for example for cost reports."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "A label's key and value are up to 63 lower-case letters, digits, hyphens and underscores, and a key begins with a letter."
  }
}

variable "enable_apis" {
  description = "Whether to switch on the APIs that are needed. They stay on when the module is destroyed, since others may use them."
  type        = bool
  default     = true
  nullable    = false
}
