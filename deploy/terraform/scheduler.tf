variable "scheduler_jobs" {
  description = <<-EOT
    Sweeps by Cloud Scheduler, by name: { caller = route, schedule = cron, body = { parent, olderThan, … } }, and
    optionally time_zone ("Etc/UTC"), description, paused (false), retry_count (3) and attempt_deadline_seconds (the
    function's timeout and 20 more). The job presents an ID token of the account NAME-scheduler. The caller is of type
    json; its auth is { iam = true }, or on a public function { google = { audience, emails } } with the module's
    audience and that account. With a queue, a private function's caller has { iam = { audience, emails } }.
  EOT

  # As with the configuration: an object type would drop a misspelt "verbs", and the sweep would
  # cancel more than was meant.
  type     = any
  default  = {}
  nullable = false

  validation {
    condition     = can(keys(var.scheduler_jobs))
    error_message = "scheduler_jobs is a map, from a name to a job."
  }
}

variable "scheduler_region" {
  description = "Region of the Cloud Scheduler jobs, where it is not the function's."
  type        = string
  default     = null
}

locals {
  scheduler_jobs = try({ for name, job in var.scheduler_jobs : name => job }, {})

  scheduler_auth = var.public ? "{ google = { audience = \"${local.audience}\", emails = [\"${local.scheduler_email}\"] } }" : "{ iam = true }"

  scheduler_checks = { for name, job in local.scheduler_jobs : name => merge(
    {
      "${name}: a job's name is letters, digits, hyphens and underscores" = !can(regex("^[a-zA-Z0-9_-]{1,400}$", name))
      "${name}.schedule: is five fields, as in cron"                      = !can(regex("^\\S+( \\S+){4}$", job.schedule))
      "${name}.body.parent: is projects/PROJECT/locations/LOCATION, with - for all locations, or //SERVICE.googleapis.com/ with a collection of this service" = !can(
        regex("^projects/[A-Za-z0-9.:_-]+/locations/([A-Za-z0-9._-]+|-)$", job.body.parent)
        ) && !try(contains(
          [for shape in local.services[regex("^//([a-z]+)\\.googleapis\\.com/[A-Za-z0-9.:_/-]+$", job.body.parent)[0]].shapes : trimsuffix(shape, "/*")],
          # The collections, with a star for each ID.
          join("/", [for at, word in split("/", replace(job.body.parent, local.service_prefix, "")) : at % 2 == 0 ? word : "*"]),
      ), false)
      "${name}.body.olderThan: is a duration such as 6h"                   = !can(regex("^[0-9]+(\\.[0-9]+)?[smhd]$", job.body.olderThan))
      "${name}.caller: is one of the configuration's callers of type json" = try(local.callers[job.caller].type, "") != "json"

      "${name}.caller: cannot authenticate; its auth is ${local.scheduler_auth}" = !contains(try(local.accepted_accounts[job.caller], []), local.scheduler_email)

      "${name}.caller: no rule in allow with sweep = true lets it sweep" = !anytrue([
        for rule in local.rules : try(tobool(rule.sweep), false) && contains(try(rule.callers, [job.caller]), try(job.caller, ""))
      ])

      # Else Cloud Scheduler calls a sweep failed that is still at work, and repeats it.
      "${name}.attempt_deadline_seconds: is more than timeout_seconds (${var.timeout_seconds}), and at most 1800" = !try(
        tonumber(try(job.attempt_deadline_seconds, var.timeout_seconds + 20)) > var.timeout_seconds && tonumber(try(job.attempt_deadline_seconds, 90)) <= 1800,
        false,
      )
    },
    { for key in setsubtract(try(keys(job), []), ["caller", "schedule", "body", "time_zone", "description", "paused", "retry_count", "attempt_deadline_seconds"]) :
    "${name}.${key}: is not known" => true },
    { for key in setsubtract(try(keys(job.body), []), ["parent", "olderThan", "verbs", "targets", "limit", "validateOnly", "reason"]) :
    "${name}.body.${key}: is not known" => true },
  ) }
  scheduler_errors = { for name, checks in local.scheduler_checks : name => [for error, found in checks : error if found] }
}

resource "google_cloud_scheduler_job" "sweep" {
  for_each = local.scheduler_jobs

  project          = var.project
  region           = coalesce(var.scheduler_region, var.region)
  name             = "${var.name}-${each.key}"
  description      = try(each.value.description, "Cancels what is under ${each.value.body.parent} and older than ${each.value.body.olderThan}.")
  schedule         = each.value.schedule
  time_zone        = try(each.value.time_zone, "Etc/UTC")
  paused           = try(each.value.paused, false)
  attempt_deadline = "${try(each.value.attempt_deadline_seconds, var.timeout_seconds + 20)}s"

  # Cloud Scheduler's own default is not to try again. Repeating a sweep is safe: what is cancelled
  # already is not running any more.
  retry_config {
    retry_count          = try(each.value.retry_count, 3)
    min_backoff_duration = "10s"
    max_backoff_duration = "300s"
    max_doublings        = 4
  }

  http_target {
    http_method = "POST"
    uri         = "${google_cloudfunctions2_function.hook.service_config[0].uri}/${each.value.caller}"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode(each.value.body))

    oidc_token {
      service_account_email = local.scheduler
      # Otherwise it is the whole URI with the route, which neither Cloud Run nor the hook expects.
      audience = local.audience
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.scheduler_errors[each.key]) == 0
      error_message = "scheduler_jobs has errors:\n- ${join("\n- ", local.scheduler_errors[each.key])}"
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}
