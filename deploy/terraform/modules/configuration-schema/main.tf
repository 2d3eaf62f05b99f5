# Checks a configuration by the rules of its JSON Schema. rules.json is written by `npm run fix` from
# deploy/cancel-hook.schema.json. No message repeats a value: one might be a secret.

variable "configuration" {
  description = "The function's configuration, in JSON."
  type        = string
  nullable    = false
}

output "errors" {
  description = "What the schema refuses, each with its path; empty where the configuration is valid."
  value       = local.errors
}

output "references" {
  description = "The references to secrets: the values of which the schema says that they must be one."
  value       = distinct([for node in local.nodes : node.value if node.type == "string" && startswith(try(node.rule.pattern, ""), "^(env:")])
}

locals {
  rules = jsondecode(file("${path.module}/rules.json"))

  # Each value with its path and the path of its rule, level by level, because HCL has no recursion. A
  # key's dots are replaced, so that no key is taken for a path. A value without a rule is not entered.
  level_0 = [{ path = "", value = jsondecode(var.configuration), rule = "" }]
  level_1 = flatten([for node in local.level_0 : try([for key, value in node.value : { path = "${node.path}.${key}", value = value, rule = "${node.rule}.${try(local.rules[node.rule].entries[try(value.type, "*")], local.rules[node.rule].entries["*"], replace(key, ".", ":"))}" } if can(local.rules[node.rule])], [])])
  level_2 = flatten([for node in local.level_1 : try([for key, value in node.value : { path = "${node.path}.${key}", value = value, rule = "${node.rule}.${try(local.rules[node.rule].entries[try(value.type, "*")], local.rules[node.rule].entries["*"], replace(key, ".", ":"))}" } if can(local.rules[node.rule])], [])])
  level_3 = flatten([for node in local.level_2 : try([for key, value in node.value : { path = "${node.path}.${key}", value = value, rule = "${node.rule}.${try(local.rules[node.rule].entries[try(value.type, "*")], local.rules[node.rule].entries["*"], replace(key, ".", ":"))}" } if can(local.rules[node.rule])], [])])
  level_4 = flatten([for node in local.level_3 : try([for key, value in node.value : { path = "${node.path}.${key}", value = value, rule = "${node.rule}.${try(local.rules[node.rule].entries[try(value.type, "*")], local.rules[node.rule].entries["*"], replace(key, ".", ":"))}" } if can(local.rules[node.rule])], [])])
  level_5 = flatten([for node in local.level_4 : try([for key, value in node.value : { path = "${node.path}.${key}", value = value, rule = "${node.rule}.${try(local.rules[node.rule].entries[try(value.type, "*")], local.rules[node.rule].entries["*"], replace(key, ".", ":"))}" } if can(local.rules[node.rule])], [])])
  level_6 = flatten([for node in local.level_5 : try([for key, value in node.value : { path = "${node.path}.${key}", value = value, rule = "${node.rule}.${try(local.rules[node.rule].entries[try(value.type, "*")], local.rules[node.rule].entries["*"], replace(key, ".", ":"))}" } if can(local.rules[node.rule])], [])])

  # The type is told by the first character in JSON. In {bearer:SECRET} YAML sees one key: the path is cut.
  types = { "\"" = "string", "[" = "array", "{" = "object", t = "boolean", f = "boolean", n = "null" }
  nodes = [
    for node in concat(local.level_0, local.level_1, local.level_2, local.level_3, local.level_4, local.level_5, local.level_6) : {
      path   = node.path == "" ? "configuration" : replace(replace(trimprefix(node.path, "."), "/\\.([0-9]+)/", "[$1]"), "/(?s)[:\\s].*/", "…")
      value  = node.value
      rule   = try(local.rules[node.rule], null)
      parent = try(local.rules[replace(node.rule, "/[.][^.]*$/", "")], null)
      type   = lookup(local.types, substr(jsonencode(node.value), 0, 1), "number")
    }
  ]

  words = { array = "a list", boolean = "true or false", integer = "a whole number", number = "a number", object = "an object", string = "a text" }

  # Each keyword applies to one type and passes the others, as in JSON Schema.
  errors = flatten([for node in local.nodes : concat(
    node.rule != null ? [] : [can(node.parent.entries) ? "${node.path}.type: must be one of ${join(", ", keys(node.parent.entries))}" : "${node.path}: is not known"],
    [for key in try(node.rule.required, []) : "${node.path}.${key}: is missing" if node.type == "object" && !can(node.value[key])],
    [for key in try(keys(node.value), []) : "${node.path}: a name ${node.rule.namesErrorMessage}" if can(node.rule.names) && !can(regex(node.rule.names, key))],
    [for message, broken in {
      "must be ${join(" or ", [for type in try(node.rule.types, []) : local.words[type]])}" = try(!contains(node.rule.types, node.type), false) && !try(node.type == "number" && contains(node.rule.types, "integer") && floor(node.value) == node.value, false)
      "must be one of ${join(", ", try(node.rule.enum, []))}"                               = try(!contains(["array", "object"], node.type) && !contains([for one in node.rule.enum : jsonencode(one)], jsonencode(node.value)), false)
      (try(node.rule.patternErrorMessage, "must match ${node.rule.pattern}", "pattern"))    = node.type == "string" && can(node.rule.pattern) && !can(regex(node.rule.pattern, node.value))
      "length must be at least ${try(node.rule.minLength, 0)}"                              = node.type == "string" && try(length(node.value) < node.rule.minLength, false)
      "length must be at most ${try(node.rule.maxLength, 0)}"                               = node.type == "string" && try(length(node.value) > node.rule.maxLength, false)
      "number of items must be at least ${try(node.rule.minItems, 0)}"                      = node.type == "array" && try(length(node.value) < node.rule.minItems, false)
      "number of items must be at most ${try(node.rule.maxItems, 0)}"                       = node.type == "array" && try(length(node.value) > node.rule.maxItems, false)
      "number of keys must be at least ${try(node.rule.minProperties, 0)}"                  = node.type == "object" && try(length(node.value) < node.rule.minProperties, false)
      "number of keys must be at most ${try(node.rule.maxProperties, 0)}"                   = node.type == "object" && try(length(node.value) > node.rule.maxProperties, false)
      "must be at least ${try(node.rule.minimum, 0)}"                                       = node.type == "number" && try(node.value < node.rule.minimum, false)
      "must be at most ${try(node.rule.maximum, 0)}"                                        = node.type == "number" && try(node.value > node.rule.maximum, false)
      "must be more than ${try(node.rule.exclusiveMinimum, 0)}"                             = node.type == "number" && try(node.value <= node.rule.exclusiveMinimum, false)
    } : "${node.path}: ${message}" if broken],
  )])
}
