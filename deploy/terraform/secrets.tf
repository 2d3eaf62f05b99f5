variable "secrets" {
  description = <<-EOT
    Secrets in Secret Manager that the configuration refers to, by a name of your choice. They must exist and have a
    value; the function gets the right to read each of them, and Terraform never sees a value.
    Without env, the secret is mounted, its newest version, at /secrets/NAME/value, for file:/secrets/NAME/value in the
    configuration: a new version is taken over within seconds. With env, it is the environment variable of that name,
    for env:ENV, pinned to a version's number: a new version needs a deployment.
  EOT
  type = map(object({
    secret  = optional(string) # ID in Secret Manager; the name unless given
    project = optional(string) # where it is, unless in the function's project
    version = optional(string, "latest")
    env     = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", name))])
    error_message = "A secret's name is letters, digits, hyphens and underscores: it is part of a path."
  }

  validation {
    condition     = alltrue([for name, secret in var.secrets : can(regex("^[A-Za-z0-9_-]{1,255}$", coalesce(secret.secret, name)))])
    error_message = "secret is the ID of a secret in Secret Manager, neither its full name nor its value."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.env == null || can(regex("^[1-9][0-9]*$", secret.version))])
    error_message = "A secret in an environment variable is read when an instance starts, so that \"latest\" would be another value on each instance: give the version's number."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : secret.env == null || can(regex("^[A-Za-z_][A-Za-z0-9_]*$", secret.env))])
    error_message = "env is the name of an environment variable."
  }

  validation {
    condition     = alltrue([for secret in values(var.secrets) : can(regex("^(latest|[1-9][0-9]*)$", secret.version))])
    error_message = "version is \"latest\" or a number."
  }

  validation {
    condition     = alltrue([for reference in local.used_references : contains([for name, secret in var.secrets : secret.env == null ? "file:/secrets/${name}/value" : "env:${secret.env}"], reference)])
    error_message = "The configuration refers to a secret that secrets does not give: file:/secrets/NAME/value needs an entry NAME, env:NAME an entry with env = \"NAME\"."
  }

  validation {
    condition     = alltrue([for name, secret in var.secrets : contains(local.used_references, secret.env == null ? "file:/secrets/${name}/value" : "env:${secret.env}")])
    error_message = "secrets gives one that no caller uses: the function would have the right to read it for nothing."
  }
}

locals {
  # Only what looks like a reference: anything else is a error of the configuration, which says so.
  used_references = [for reference in module.configuration_schema.references : reference if can(regex("^(env:|file:)", reference))]

  # Reference in the configuration => where the value is.
  given_secrets = {
    for name, secret in var.secrets : secret.env == null ? "file:/secrets/${name}/value" : "env:${secret.env}" => {
      name    = name
      secret  = coalesce(secret.secret, name)
      project = coalesce(secret.project, var.project)
      version = secret.version
      env     = secret.env
    }
  }
}

resource "google_secret_manager_secret_iam_member" "runtime" {
  for_each = { for secret in values(local.given_secrets) : "${secret.project}/${secret.secret}" => secret... }

  project   = each.value[0].project
  secret_id = each.value[0].secret
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.runtime}"

  depends_on = [google_project_service.api]
}
