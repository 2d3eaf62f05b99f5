variable "configuration" {
  description = "The function's configuration, see deploy/reference.md. Secrets are references (env:NAME, file:/path), never values."

  # An object type would silently drop a key that it does not know, and with it a rule's misspelt
  # condition. So anything is taken, and what is unknown is refused in configuration-faults.tf.
  type     = any
  nullable = false

  validation {
    condition     = can(keys(var.configuration))
    error_message = "The configuration is an object."
  }

  validation {
    # Cloud Run's limit is 32 KiB for a variable.
    condition     = length(jsonencode(var.configuration)) <= 30000
    error_message = "The configuration is more than an environment variable can hold (30,000 characters)."
  }
}

locals {
  callers = try({ for name, caller in var.configuration.callers : name => caller }, {})
  rules   = try([for rule in var.configuration.allow : rule], [])

  default_limits = { bodyBytes = 1048576, concurrentRequests = 250, upstreamSeconds = 9, sweepMax = 100, alertMax = 100, concurrentCancels = 8, sweepSeconds = 50 }
  limits         = { for name, value in local.default_limits : name => try(tonumber(var.configuration.limits[name]), value) }

  # What each type of caller may have beside "type", the first of them being its proof, and of what
  # kinds that proof may be where it is "auth". A test compares this with the function's own schema.
  caller_keys = {
    json             = ["auth", "description", "mode", "cancelsPerMinute", "notify"]
    slack            = ["signingSecret", "description", "mode", "cancelsPerMinute"]
    google-chat      = ["audience", "serviceAccount", "description", "mode", "cancelsPerMinute"]
    cloud-monitoring = ["auth", "preset", "description", "mode", "cancelsPerMinute", "notify", "wait"]
    alertmanager     = ["auth", "field", "preset", "description", "mode", "cancelsPerMinute", "notify", "wait"]
    grafana          = ["auth", "field", "preset", "description", "mode", "cancelsPerMinute", "notify", "wait"]
    mcp              = ["auth", "origins", "description", "mode", "cancelsPerMinute", "notify"]
    pagerduty        = ["secrets", "preset", "description", "mode", "cancelsPerMinute", "notify", "wait"]
    pubsub           = ["auth", "preset", "description", "mode", "cancelsPerMinute", "notify", "wait"]
  }
  caller_auth = {
    json             = ["bearer", "basic", "google", "standardWebhooks", "iam"]
    cloud-monitoring = ["basic", "token"]
    alertmanager     = ["bearer", "basic"]
    grafana          = ["hmac", "bearer", "basic"]
    mcp              = ["bearer", "google", "iam"]
    pubsub           = ["google", "iam"]
  }

  # The places in which a secret stands, for every type.
  secret_references = { for name, caller in local.callers : name => flatten([
    try(caller.auth.bearer, []),
    try(caller.auth.basic.password, []),
    try(caller.auth.hmac.secret, []),
    try(caller.auth.standardWebhooks, []),
    try(caller.auth.token, []),
    try(caller.secrets, []),
    try(caller.signingSecret, []),
  ]) }

  # The URL of an incoming webhook is a secret, too.
  destinations           = try({ for name, destination in var.configuration.destinations : name => destination }, {})
  destination_references = { for name, destination in local.destinations : name => flatten([try(destination.url, [])]) }

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
    for project in distinct([for one in local.named_resources : one.project if !strcontains(one.project, "*")]) :
    project => toset([for one in local.named_resources : one.service if one.project == project && contains(keys(local.services), one.service)])
    }) : can(keys(var.operation_projects)) ? tomap({
    for project, services in var.operation_projects : project => toset(services)
    }) : tomap({
    for project in var.operation_projects : project => toset(["privateca"])
  })

  audience = coalesce(var.audience, "https://${var.region}-${var.project}.cloudfunctions.net/${var.name}")
}
