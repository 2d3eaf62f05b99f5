variable "public_with_all_users" {
  description = <<-EOT
    How a public function is public: false switches off the check of the service's invokers, as Google recommends, which
    also works under domain-restricted sharing; it needs gcloud where Terraform runs. True grants the invoker role to
    allUsers, which needs no gcloud and holds between a deployment and the step after it.
  EOT
  type        = bool
  default     = false
  nullable    = false
}

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
  invoker_check        = !var.public || var.public_with_all_users

  service_settings = concat(
    local.cpu_always_allocated ? ["--no-cpu-throttling"] : [],
    local.invoker_check ? [] : ["--no-invoker-iam-check"],
  )
  service_arguments = "${var.name} --region=${var.region} --project=${var.project}"
}

# Neither the API of Cloud Functions nor google_cloudfunctions2_function has these settings, and a
# google_cloud_run_v2_service cannot build the function, nor manage the service of one:
# https://github.com/hashicorp/terraform-provider-google/issues/23360 and 22263. A deployment of the function
# may remove them, so that they are set again after each.
resource "terraform_data" "service_settings" {
  count = length(local.service_settings) > 0 ? 1 : 0

  triggers_replace = [google_cloudfunctions2_function.hook.update_time, local.service_settings]

  provisioner "local-exec" {
    command = "gcloud run services update ${local.service_arguments} ${join(" ", local.service_settings)} --quiet"
  }
}

# A function that is public no more: the check is switched on again. This is not part of the step above, which is
# replaced after each deployment and would close the function for a moment.
resource "terraform_data" "invoker_check" {
  count = local.invoker_check ? 0 : 1

  input = local.service_arguments

  provisioner "local-exec" {
    when    = destroy
    command = "gcloud run services update ${self.output} --invoker-iam-check --quiet"
  }

  depends_on = [google_cloudfunctions2_function.hook]
}

moved {
  from = terraform_data.cpu
  to   = terraform_data.service_settings
}
