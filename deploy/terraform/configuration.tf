variable "configuration" {
  description = <<-EOT
    The function's configuration: an object, or the text of a file in JSON or YAML, such as file("hook.yaml"), which goes
    to the function as it is. See deploy/reference.md. Secrets are references (env:NAME, file:/path), never values. The
    plan refuses what the configuration's JSON Schema refuses, and names each error by its path.
  EOT

  # An object type would silently drop a key that it does not know, and with it a rule's misspelt
  # condition. So anything is accepted, and configuration-errors.tf refuses what is unknown.
  type     = any
  nullable = false

  validation {
    condition     = can(keys(try(yamldecode(var.configuration), var.configuration)))
    error_message = "The configuration is an object, or the text of one in JSON or YAML."
  }
}

module "configuration_schema" {
  source = "./modules/configuration-schema"

  configuration = jsonencode(local.configuration)
}

locals {
  # As JSON has it: a set is a list, a map is an object.
  configuration = jsondecode(jsonencode(try(yamldecode(var.configuration), var.configuration)))

  # A text goes to the function as it is: only the function sees a duplicate key, and refuses it. A text
  # without a line break would be a path.
  configuration_text = try("${var.configuration}\n", jsonencode(local.configuration))

  callers = try({ for name, caller in local.configuration.callers : name => caller }, {})
  rules   = try([for rule in local.configuration.allow : rule], [])

  default_limits = { bodyBytes = 1048576, concurrentRequests = 250, upstreamSeconds = 9, sweepMax = 100, alertMax = 100, concurrentCancels = 8, sweepSeconds = 50 }
  limits         = { for name, value in local.default_limits : name => try(tonumber(local.configuration.limits[name]), value) }

  destinations = try({ for name, destination in local.configuration.destinations : name => destination }, {})

  operation_patterns = flatten([for rule in local.rules : try(rule.operations, [])])

  # By service: permissions, predefined roles, shapes of names. Written by deploy/services.ts from the function's own table.
  services = jsondecode(file("${path.module}/services.json"))

  # Which service and project each pattern names. Without a service it is Certificate Authority Service.
  named_resources = distinct([for pattern in local.operation_patterns : {
    service = startswith(pattern, "//") ? trimsuffix(split("/", pattern)[2], ".googleapis.com") : "privateca"
    project = try(split("/", replace(pattern, local.service_prefix, ""))[1], "*")
  }])
  service_prefix = "/^//[^/]+//"

  # Project => services.
  operation_services = var.operation_projects == null ? tomap({
    for project in distinct([for one in local.named_resources : one.project if !strcontains(one.project, "*") && length(var.operation_folders) == 0]) :
    project => toset([for one in local.named_resources : one.service if one.project == project && contains(keys(local.services), one.service)])
    }) : can(keys(var.operation_projects)) ? tomap({
    for project, services in var.operation_projects : project => toset(services)
    }) : tomap({
    for project in var.operation_projects : project => toset(["privateca"])
  })

  # By caller, of which account it accepts an ID token for the module's audience. On a private service Cloud
  # Run checks the token and takes its signature away, so that only iam works; on a public one only google does.
  auth = { for name, caller in local.callers : name => jsondecode(var.public ? jsonencode(try(caller.auth.google, null)) : jsonencode(try(caller.auth.iam, null))) }
  accepted_accounts = { for name, auth in local.auth : name => [
    for email in [local.scheduler_email, local.pubsub_email] : email
    if auth != null && contains(flatten([try(auth.audience, local.audience)]), local.audience) && contains(try(auth.emails, [email]), email)
  ] }

  audience = coalesce(var.audience, "https://${var.region}-${var.project}.cloudfunctions.net/${var.name}")
}
