terraform {
  # 1.9: a variable's validation may look at the other variables.
  required_version = ">= 1.9, < 2"

  required_providers {
    # 7.21: direct VPC egress of functions. 8: nothing that this module uses has changed.
    google = {
      source  = "hashicorp/google"
      version = ">= 7.21, < 9"
    }
    archive = {
      source  = "hashicorp/archive"
      version = ">= 2.4, < 3"
    }
  }
}
