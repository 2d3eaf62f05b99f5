/**
 * The schemas of resource types that the tool for terraform offline lacks: the arguments that the module
 * and its examples use, as the registry documents them for version 7.21 or later of the provider.
 * https://registry.terraform.io/providers/hashicorp/google/latest/docs
 */

interface Block {
  readonly attributes: Readonly<Record<string, object>>;
  readonly block_types?: Readonly<Record<string, object>>;
}

const STRINGS = ['list', 'string'];
const required = (type: unknown = 'string') => ({ type, required: true });
const optional = (type: unknown = 'string') => ({ type, optional: true });
const computed = (type: unknown = 'string') => ({ type, computed: true });
const both = (type: unknown = 'string') => ({ type, optional: true, computed: true });

/** A nested block that may stand once at most. */
const single = (block: Block) => ({ nesting_mode: 'list', max_items: 1, block });

const resource = (
  attributes: Block['attributes'],
  block_types: NonNullable<Block['block_types']> = {},
) => ({ block: { attributes: { id: both(), ...attributes }, block_types } });

const iamMember = (attributes: Block['attributes']) =>
  resource({ role: required(), member: required(), etag: computed(), ...attributes });

/** What global resources of Compute Engine have in common. */
const compute = (attributes: Block['attributes'], block_types?: Block['block_types']) =>
  resource(
    { name: required(), project: both(), description: optional(), ...attributes },
    block_types,
  );

export const RESOURCES: Readonly<Record<string, { readonly block: Block }>> = {
  google_artifact_registry_repository_iam_member: iamMember({
    project: both(),
    location: both(),
    repository: required(),
  }),
  google_cloud_tasks_queue_iam_member: iamMember({
    project: both(),
    location: both(),
    name: required(),
  }),
  google_folder_iam_member: iamMember({ folder: required() }),
  google_kms_crypto_key_iam_member: iamMember({ crypto_key_id: required() }),
  google_pubsub_subscription_iam_member: iamMember({ project: both(), subscription: required() }),
  google_logging_project_bucket_config: resource({
    name: computed(),
    project: required(),
    location: required(),
    bucket_id: required(),
    description: both(),
    retention_days: optional('number'),
  }),
  google_compute_global_address: compute({
    address: both(),
    labels: optional(['map', 'string']),
  }),
  google_compute_backend_service: compute(
    {
      load_balancing_scheme: optional(),
      protocol: both(),
      security_policy: optional(),
    },
    {
      backend: { nesting_mode: 'set', block: { attributes: { group: required() } } },
      log_config: single({
        attributes: { enable: optional('bool'), sample_rate: optional('number') },
      }),
    },
  ),
  google_compute_url_map: compute({ default_service: optional() }),
  google_compute_ssl_policy: compute({ profile: optional(), min_tls_version: optional() }),
  google_compute_managed_ssl_certificate: compute(
    { name: optional() },
    { managed: single({ attributes: { domains: required(STRINGS) } }) },
  ),
  google_compute_target_https_proxy: compute({
    url_map: required(),
    ssl_certificates: optional(STRINGS),
    ssl_policy: optional(),
  }),
  google_compute_global_forwarding_rule: compute({
    target: required(),
    ip_address: both(),
    ip_protocol: both(),
    port_range: optional(),
    load_balancing_scheme: optional(),
    labels: optional(['map', 'string']),
  }),
};

/** Arguments of `google_cloudfunctions2_function.service_config` since version 7.21. */
export const SERVICE_CONFIG: Block = {
  attributes: { direct_vpc_egress: optional() },
  block_types: {
    direct_vpc_network_interface: {
      nesting_mode: 'list',
      block: {
        attributes: { network: optional(), subnetwork: optional(), tags: optional(STRINGS) },
      },
    },
  },
};
