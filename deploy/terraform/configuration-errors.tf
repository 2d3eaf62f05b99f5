# What Terraform finds wrong with a configuration before anything is built: the errors of the JSON Schema,
# and what the parts of a valid configuration must be to each other and to the other variables. The
# function checks all of it again, and more, when it starts. No message repeats a value: one might be a
# secret. (It is a precondition of the function, main.tf: a variable's validation cannot use locals
# made of it.)

locals {
  configuration_errors = concat(module.configuration_schema.errors, [for error, found in local.configuration_checks : error if found])

  # Fault => whether the configuration has it.
  configuration_checks = merge(concat(local.caller_checks, local.rule_checks, [local.right_checks])...)

  caller_checks = [for name, caller in local.callers : merge(
    {
      # Without Cloud Run's check anyone can write such a token, whichever way the service is public.
      "callers.${name}.auth.iam: trusts tokens that Cloud Run has verified, and on a public service Cloud Run verifies none; use google, or set public = false" = var.public && can(caller.auth.iam)
    },
    { for destination in setsubtract(try(tolist(caller.notify), []), keys(local.destinations)) :
    "callers.${name}.notify: there is no destination ${destination}" => true },
  )]

  rule_checks = [for i, rule in local.rules : merge(
    {
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
    },
    { for caller in setsubtract(try(tolist(rule.callers), []), keys(local.callers)) :
    "allow[${i}].callers: there is no caller ${caller}" => true },
  )]

  # The function would have no right where a rule lets it cancel.
  right_checks = merge(
    {
      "allow: a pattern has a * in the project's place; say with operation_projects or operation_folders where the function may have the right to cancel" = var.operation_projects == null && length(var.operation_folders) == 0 && anytrue([
        for one in local.named_resources : strcontains(one.project, "*")
      ])
      "queue: needs a json caller whose audience (google or iam) is the function's URL" = local.queue != null && length(local.queue_callers) == 0
    },
    { for one in local.named_resources :
      "operation_projects and operation_folders leave out ${one.service} in ${one.project}, which allow names" => !anytrue(concat(
        [for project, services in local.operation_services : contains(services, one.service) && (project == one.project || strcontains(one.project, "*"))],
        # Which projects are in a folder is not known here.
        [for services in values(var.operation_folders) : contains(services, one.service)],
    )) if var.operation_projects != null || length(var.operation_folders) > 0 },
  )
}
