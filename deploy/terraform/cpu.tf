variable "cpu_always_allocated" {
  description = "Whether instances have their CPU also after a response, when late Slack messages and notifications are sent. Null: where the configuration has a slack caller, mode ask, or notify. Needs gcloud where Terraform runs."
  type        = bool
  default     = null
}

locals {
  works_after_response = anytrue([
    for caller in local.callers : try(caller.type, "") == "slack" || try(caller.mode, "") == "ask" || can(caller.notify[0])
  ])
  cpu_always_allocated = coalesce(var.cpu_always_allocated, local.works_after_response)
}

# Neither the API of Cloud Functions nor google_cloudfunctions2_function has this setting, and a
# google_cloud_run_v2_service cannot manage the service of a function. Each deployment of the function
# removes it, so that it is set again after each.
resource "terraform_data" "cpu" {
  count = local.cpu_always_allocated ? 1 : 0

  triggers_replace = [google_cloudfunctions2_function.hook.update_time]

  provisioner "local-exec" {
    command = "gcloud run services update ${google_cloudfunctions2_function.hook.name} --region=${var.region} --project=${var.project} --no-cpu-throttling --quiet"
  }
}
