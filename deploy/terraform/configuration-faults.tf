# What Terraform can find wrong with a configuration before anything is built. The function checks
# all of it again, and more, when it starts. No message repeats a value: one might be a secret. (It
# is a precondition of the function, main.tf: a variable's validation cannot use locals made of it.)

locals {
  # Fault => whether the configuration has it.
  configuration_checks = merge(concat([
    {
      "callers: at least one is needed"                = length(local.callers) == 0
      "allow: at least one rule is needed"             = length(local.rules) == 0
      "mode: is enforce or observe"                    = !contains(["enforce", "observe"], try(var.configuration.mode, "enforce"))
      "endpoints: is an object"                        = !can(keys(try(var.configuration.endpoints, {})))
      "limits: is an object of numbers greater than 0" = !try(alltrue([for limit in values(try(var.configuration.limits, {})) : tonumber(limit) > 0]), false)
    },
    { for key in setsubtract(try(keys(var.configuration), []), ["$schema", "callers", "destinations", "allow", "mode", "endpoints", "limits", "queue"]) :
    "${key}: is not known" => true },
    { for key in setsubtract(try(keys(var.configuration.limits), []), keys(local.default_limits)) :
    "limits.${key}: is not known" => true },
    { for key in setsubtract(try(keys(var.configuration.endpoints), []), ["privateca", "cloudtasks", "slack", "googleChat", "googleCerts", "chatCerts", "services"]) :
    "endpoints.${key}: is not known" => true },
  ], local.caller_checks, local.destination_checks, local.rule_checks, [local.right_checks])...)
  configuration_faults = [for fault, found in local.configuration_checks : fault if found]

  caller_checks = [for name, caller in local.callers : merge(
    {
      "callers.${name}: a route is lower-case letters, digits and hyphens, and begins with a letter" = !can(regex("^[a-z][a-z0-9-]{0,62}$", name))
      "callers.${name}.type: is one of ${join(", ", keys(local.caller_keys))}"                       = !contains(keys(local.caller_keys), try(caller.type, ""))
      "callers.${name}: has no proof of who sent a request (${try(local.caller_keys[caller.type][0], "auth")})" = !contains(
        try(keys(caller), []),
        try(local.caller_keys[caller.type][0], "type"),
      )
      "callers.${name}.auth: holds exactly one of ${join(", ", try(local.caller_auth[caller.type], []))}" = can(caller.auth) && !try(
        length(keys(caller.auth)) == 1 && contains(local.caller_auth[caller.type], keys(caller.auth)[0]),
        !contains(keys(local.caller_auth), try(caller.type, "")),
      )
      "callers.${name}.auth.google: needs an audience and at least one of emails" = can(caller.auth.google) && !try(length(caller.auth.google.audience) > 0 && length(caller.auth.google.emails) > 0, false)
      # Without Cloud Run's check anyone can write such a token.
      "callers.${name}.auth.iam: believes what Cloud Run has checked, and a public service is not checked; take google, or set public = false" = var.public && can(caller.auth.iam)
      "callers.${name}: a secret is a reference, env:NAME or file:/path, and never the value; a value that stood here is to be replaced" = !alltrue([
        for reference in local.secret_references[name] : can(regex("^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$", reference))
      ])
    },
    { for destination in setsubtract(try(tolist(caller.notify), []), keys(local.destinations)) :
    "callers.${name}.notify: there is no destination ${destination}" => true },
    { for key in setsubtract(try(keys(caller), []), concat(["type"], try(local.caller_keys[caller.type], keys(caller), []))) :
    "callers.${name}.${key}: is not known for this type" => true },
  )]

  destination_checks = [for name, destination in local.destinations : merge(
    {
      "destinations.${name}.type: is slack or google-chat" = !contains(["slack", "google-chat"], try(destination.type, ""))
      "destinations.${name}.url: is a reference, env:NAME or file:/path, and never the value; a value that stood here is to be replaced" = length(local.destination_references[name]) == 0 || !alltrue([
        for reference in local.destination_references[name] : can(regex("^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$", reference))
      ])
    },
    { for key in setsubtract(try(keys(destination), []), ["type", "url"]) :
    "destinations.${name}.${key}: is not known" => true },
  )]

  rule_checks = [for i, rule in local.rules : merge(
    {
      "allow[${i}].operations: at least one pattern is needed" = !try(length(rule.operations) > 0, false)
      "allow[${i}].operations: a pattern is projects/PROJECT/locations/LOCATION/operations/OPERATION, or //SERVICE.googleapis.com/ with a name of this service, with * for any characters within a part" = !alltrue([
        for pattern in try(flatten([rule.operations]), []) : can(regex("^(//[a-z]+\\.googleapis\\.com/)?projects/[A-Za-z0-9.:_*-]+(/[A-Za-z0-9._*-]+)+$", pattern)) && anytrue([
          # A star in a shape is an ID; the other words are collections, for which a pattern may have stars, too.
          for shape in try(local.services[regex("^//([a-z]+)", pattern)[0]].shapes, startswith(pattern, "//") ? [] : local.services.privateca.shapes) :
          length(split("/", shape)) == length(split("/", replace(pattern, local.service_prefix, ""))) && alltrue([
            for at, word in split("/", shape) :
            word == "*" || can(regex("^${replace(split("/", replace(pattern, local.service_prefix, ""))[at], "*", "[A-Za-z]*")}$", word))
          ])
        ])
      ])
      "allow[${i}].sweep: is true or false" = can(rule.sweep) && !can(tobool(rule.sweep))
    },
    { for key in ["callers", "principals", "verbs", "targets"] :
    "allow[${i}].${key}: is a list" => can(rule[key]) && !can(tolist(rule[key])) },
    { for caller in setsubtract(try(tolist(rule.callers), []), keys(local.callers)) :
    "allow[${i}].callers: there is no caller ${caller}" => true },
    { for key in setsubtract(try(keys(rule), []), ["operations", "callers", "principals", "verbs", "targets", "sweep", "description"]) :
    "allow[${i}].${key}: is not known" => true },
  )]

  # The function would have no right where a rule lets it cancel.
  right_checks = merge(
    {
      "allow: a pattern has a * in the project's place; say with operation_projects in which projects the function may have the right to cancel" = var.operation_projects == null && anytrue([
        for one in local.named_resources : strcontains(one.project, "*")
      ])
    },
    { for one in local.named_resources :
      "operation_projects: leaves out ${one.service} in ${one.project}, which allow names" => !anytrue([
        for project, services in local.operation_services : contains(services, one.service) && (project == one.project || strcontains(one.project, "*"))
    ]) if var.operation_projects != null },
  )
}
