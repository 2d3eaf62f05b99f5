#!/usr/bin/env bash
# Deploys cancel-hook with gcloud alone, or removes it: see --help.
# It may be run again at any time: what is there is brought up to date, and what is missing is made.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: cancel-hook.sh deploy --project ID --region REGION --config FILE [option …]
       cancel-hook.sh remove --project ID --region REGION [the options of deploy]

Prints every command that it is going to run, asks, and stops at the first that fails.

  --config FILE             the configuration (JSON); secrets are references in it, never values
  --name NAME               name of the function (cancel-hook)
  --operations-project ID[=SERVICE,…]
                            project in which operations and jobs of these services may be cancelled, such as
                            my-project=dataproc,bigquery (--project=privateca); repeatable
  --secret NAME=SECRET      Secret Manager's SECRET, newest version, for file:/secrets/NAME/value; repeatable
  --secret-env VAR=SECRET:N version N of SECRET in the environment variable VAR, for env:VAR; repeatable
  --invoker MEMBER          who may call past Cloud Run's check (user:sre@example.com); repeatable
  --public                  anyone may call: for Slack, Google Chat, Grafana and others without a Google
                            token. The hook alone then asks for proof.
  --sweep CALLER            a Cloud Scheduler job that sends a sweep to CALLER, with
    --sweep-body FILE         its body (JSON), and
    --schedule CRON           its times ("7 * * * *", in UTC)
  --max-instances N         most instances at once (4)
  --min-instances N         instances kept warm (0)
  --dry-run                 print the commands and run none
  --yes                     do not ask
TEXT
}

fail() {
  printf 'cancel-hook.sh: %s\n' "$*" >&2
  exit 1
}

# --- what is asked for -------------------------------------------------------------------------

action='' project='' region='' config='' name=cancel-hook public=false
sweep='' sweep_body='' schedule='' max_instances=4 min_instances=0 dry_run=false yes=false
operations_projects=() secrets=() secret_envs=() invokers=()

case "${1:-}" in
  deploy | remove) action=$1 && shift ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

while (($#)); do
  case "$1" in
    --public) public=true && shift && continue ;;
    --dry-run) dry_run=true && shift && continue ;;
    --yes) yes=true && shift && continue ;;
    -h | --help) usage && exit 0 ;;
  esac
  (($# > 1)) || fail "$1 needs a value (see --help)"
  case "$1" in
    --project) project=$2 ;;
    --region) region=$2 ;;
    --config) config=$2 ;;
    --name) name=$2 ;;
    --operations-project) operations_projects+=("$2") ;;
    --secret) secrets+=("$2") ;;
    --secret-env) secret_envs+=("$2") ;;
    --invoker) invokers+=("$2") ;;
    --sweep) sweep=$2 ;;
    --sweep-body) sweep_body=$2 ;;
    --schedule) schedule=$2 ;;
    --max-instances) max_instances=$2 ;;
    --min-instances) min_instances=$2 ;;
    *) fail "unknown option $1 (see --help)" ;;
  esac
  shift 2
done

((${#operations_projects[@]})) || operations_projects=("$project")

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly source_dir
readonly runtime_account="$name@$project.iam.gserviceaccount.com"
readonly build_account="$name-build@$project.iam.gserviceaccount.com"
readonly scheduler_account="$name-scheduler@$project.iam.gserviceaccount.com"
readonly role="${name//-/_}_canceller"
readonly services_file="$source_dir/deploy/terraform/services.json"
readonly audience="https://$region-$project.cloudfunctions.net/$name"
readonly timeout=70 # more than the longest wait, 55 s, with the cancel before it, and than a sweep
readonly attempt_deadline=90

check_options() {
  local secret reference operations_project service
  [[ $project =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] || fail '--project needs a project ID'
  [[ $region =~ ^[a-z]+-[a-z]+[0-9]+$ ]] || fail '--region needs a region such as us-central1'
  [[ $name =~ ^[a-z][a-z0-9-]{2,18}[a-z0-9]$ ]] || fail '--name is 4 to 20 lower-case letters, digits and hyphens'
  [[ $max_instances =~ ^[1-9][0-9]{0,2}$ ]] || fail '--max-instances is a number greater than 0'
  [[ $min_instances =~ ^[0-9]{1,3}$ ]] || fail '--min-instances is a number'
  for secret in ${secrets[@]+"${secrets[@]}"}; do
    [[ $secret =~ ^[A-Za-z0-9][A-Za-z0-9_-]*=[A-Za-z0-9_-]+$ ]] || fail '--secret is NAME=SECRET, with the ID of a secret in Secret Manager'
  done
  for secret in ${secret_envs[@]+"${secret_envs[@]}"}; do
    [[ $secret =~ ^[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_-]+:[1-9][0-9]*$ ]] || fail '--secret-env is VAR=SECRET:N, with the number of a version'
  done
  for secret in ${invokers[@]+"${invokers[@]}"}; do
    [[ $secret =~ ^(user|group|serviceAccount|domain|principal|principalSet):[^[:space:]]+$ ]] || fail '--invoker is a member such as user:sre@example.com; for everyone there is --public'
  done
  for operations_project in "${operations_projects[@]}"; do
    [[ $operations_project =~ ^[^=]+(=[a-z]+(,[a-z]+)*)?$ ]] || fail '--operations-project is ID or ID=SERVICE,SERVICE'
    for service in $(services_of "$operations_project"); do
      grep -q "^  \"$service\": " "$services_file" ||
        fail "--operations-project: the function cancels nothing of $service; the services are the keys of deploy/terraform/services.json"
    done
  done
  [[ -z $(printf '%s\n' "${operations_projects[@]%%=*}" | sort | uniq -d) ]] ||
    fail '--operations-project names a project twice; give its services in one list'
  [[ $action == deploy ]] || return 0

  [[ -r $source_dir/.gcloudignore && -r $source_dir/package.json ]] || fail 'this script must stay in its place in the repository'
  [[ -r $config ]] || fail '--config needs a file that can be read'
  [[ -n $sweep$sweep_body$schedule ]] && [[ -z $sweep || ! -r $sweep_body || -z $schedule ]] &&
    fail '--sweep, --sweep-body (a file) and --schedule go together'
  if $public && grep -Eq '"iam"[[:space:]]*:' "$config"; then
    fail 'the configuration has a caller with "iam": it believes what Cloud Run has checked, and a public service is not checked'
  fi
  while IFS= read -r reference; do
    given_secret "$reference" || fail "the configuration refers to $reference, which neither --secret nor --secret-env gives"
  done < <(grep -Eo '"(env|file):[^"]+"' "$config" | tr -d '"' | sort -u)
}

# services_of ID[=SERVICE,…]: the services, one a line.
services_of() {
  local services=privateca
  [[ $1 == *=* ]] && services=${1#*=}
  tr ',' '\n' <<<"$services"
}

# look_up permissions|roles SERVICE…: those of the services, one a line.
look_up() {
  local key=$1 service
  shift
  for service in "$@"; do
    sed -n "s/^  \"$service\": .*\"$key\":\[\([^]]*\)\].*/\1/p" "$services_file"
  done | tr ',' '\n' | tr -d '"' | sed '/^$/d' | sort -u
}

given_secret() {
  local secret
  for secret in ${secrets[@]+"${secrets[@]}"}; do
    [[ $1 == "file:/secrets/${secret%%=*}/value" ]] && return 0
  done
  for secret in ${secret_envs[@]+"${secret_envs[@]}"}; do
    [[ $1 == "env:${secret%%=*}" ]] && return 0
  done
  return 1
}

# --- how it is done ----------------------------------------------------------------------------

show() {
  local words
  printf -v words ' %q' "$@"
  printf '%s\n' "${words:1}"
}

run() {
  if $printing; then
    show "$@"
  else
    printf '+ '
    show "$@"
    "$@"
  fi
}

# A new service account is not known everywhere at once, and a binding may come too early.
run_patiently() {
  local attempt
  $printing || for attempt in 1 2 3 4; do
    run "$@" && return 0
    printf 'Once more in %s s.\n' "$((attempt * 5))"
    sleep "$((attempt * 5))"
  done
  run "$@"
}

# ensure LOOK -- MAKE [-- UPDATE]: makes what a look does not find, and updates what it does.
ensure() {
  local look=() make=() update=() part=look word
  for word in "$@"; do
    if [[ $word == -- ]]; then
      [[ $part == look ]] && part="make" || part="update"
      continue
    fi
    case $part in
      look) look+=("$word") ;;
      make) make+=("$word") ;;
      update) update+=("$word") ;;
    esac
  done
  if $printing; then
    printf '# if there is none (%s):\n' "$(show "${look[@]}")"
    show "${make[@]}"
    if ((${#update[@]})); then
      printf '# else:\n'
      show "${update[@]}"
    fi
  elif "${look[@]}" >/dev/null 2>&1; then
    ((${#update[@]} == 0)) || run "${update[@]}"
  else
    run "${make[@]}"
  fi
}

# unless_gone LOOK -- DELETE: deletes what a look finds.
unless_gone() {
  local look=() found
  while [[ $1 != -- ]]; do look+=("$1") && shift; done
  shift
  if $printing; then
    printf '# if it is there (%s):\n' "$(show "${look[@]}")"
    show "$@"
  elif found=$("${look[@]}" 2>/dev/null) && [[ -n $found ]]; then
    run "$@"
  fi
}

on_project=("--project=$project" --quiet)

# --- deploy ------------------------------------------------------------------------------------

enable_apis() {
  local apis=(artifactregistry cloudbuild cloudfunctions iam logging run storage)
  ((${#secrets[@]} + ${#secret_envs[@]})) && apis+=(secretmanager)
  [[ -n $sweep ]] && apis+=(cloudscheduler)
  run gcloud services enable "${apis[@]/%/.googleapis.com}" "${on_project[@]}"
}

make_account() {
  ensure gcloud iam service-accounts describe "$1@$project.iam.gserviceaccount.com" "${on_project[@]}" -- \
    gcloud iam service-accounts create "$1" "--display-name=$2" "${on_project[@]}"
}

# The predefined roles that may cancel may do more, such as delete certificate authorities.
make_role() {
  local services permissions predefined asked
  services=$(services_of "$2")
  # shellcheck disable=SC2086 # words
  permissions=$(look_up permissions $services | paste -sd, -) asked=$(look_up roles $services)
  # A deleted role keeps its ID for a week, and only comes back by undelete.
  if ! $printing && [[ $(gcloud iam roles describe "$role" "--project=$1" '--format=value(deleted)' --quiet 2>/dev/null) == True ]]; then
    run gcloud iam roles undelete "$role" "--project=$1" --quiet
  fi
  ensure gcloud iam roles describe "$role" "--project=$1" --quiet -- \
    gcloud iam roles create "$role" "--project=$1" "--title=$name: cancel operations" "--permissions=$permissions" --stage=GA --quiet -- \
    gcloud iam roles update "$role" "--project=$1" "--permissions=$permissions" --quiet
  run_patiently gcloud projects add-iam-policy-binding "$1" "--member=serviceAccount:$runtime_account" \
    "--role=projects/$1/roles/$role" --condition=None --format=none --quiet
  # Where Google documents no permission for the cancel, the predefined role is bound, else taken away.
  for predefined in $predefined_roles; do
    if [[ $asked == *"$predefined"* ]]; then
      run_patiently gcloud projects add-iam-policy-binding "$1" "--member=serviceAccount:$runtime_account" \
        "--role=$predefined" --condition=None --format=none --quiet
    else
      unbind_project "$1" "$runtime_account" "$predefined"
    fi
  done
}

make_build_rights() {
  local number=PROJECT_NUMBER
  ensure gcloud artifacts repositories describe "$name" "--location=$region" "${on_project[@]}" -- \
    gcloud artifacts repositories create "$name" "--location=$region" --repository-format=docker "${on_project[@]}"
  run_patiently gcloud artifacts repositories add-iam-policy-binding "$name" "--location=$region" \
    "--member=serviceAccount:$build_account" --role=roles/artifactregistry.writer --format=none "${on_project[@]}"
  if $printing; then
    printf '# PROJECT_NUMBER is what this says: '
    show gcloud projects describe "$project" '--format=value(projectNumber)' --quiet
  else
    number=$(gcloud projects describe "$project" '--format=value(projectNumber)' --quiet)
  fi
  # Cloud Functions makes this bucket at the first deployment, so that it cannot be bound beforehand.
  run_patiently gcloud projects add-iam-policy-binding "$project" "--member=serviceAccount:$build_account" --role=roles/storage.objectViewer \
    "--condition=title=source-of-functions-only,expression=resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-$number-$region\")" --format=none --quiet
  run_patiently gcloud projects add-iam-policy-binding "$project" "--member=serviceAccount:$build_account" \
    --role=roles/logging.logWriter --condition=None --format=none --quiet
}

secret_ids() {
  local secret
  for secret in ${secrets[@]+"${secrets[@]}"} ${secret_envs[@]+"${secret_envs[@]}"}; do
    secret=${secret#*=}
    printf '%s\n' "${secret%%:*}"
  done | sort -u
}

grant_secrets() {
  local secret
  for secret in $(secret_ids); do
    run_patiently gcloud secrets add-iam-policy-binding "$secret" "--member=serviceAccount:$runtime_account" \
      --role=roles/secretmanager.secretAccessor --format=none "${on_project[@]}"
  done
}

deploy_function() {
  local secret flags=() environment list=''
  for secret in ${secrets[@]+"${secrets[@]}"}; do list+=",/secrets/${secret%%=*}/value=${secret#*=}:latest"; done
  for secret in ${secret_envs[@]+"${secret_envs[@]}"}; do list+=",$secret"; done
  if [[ -n $list ]]; then flags+=("--set-secrets=${list:1}"); else flags+=(--clear-secrets); fi
  if $public; then flags+=(--allow-unauthenticated); else flags+=(--no-allow-unauthenticated); fi

  # JSON is taken as it is: a YAML block, indented by two.
  environment="CANCEL_HOOK_CONFIG: |2
$(sed 's/^/  /' "$config")
GOOGLE_CLOUD_PROJECT: $project
LOG_EXECUTION_ID: 'false'
$(sed -n 's/^  "\(.*\)": \(".*"\),\{0,1\}$/\1: \2/p' "$source_dir/deploy/runtime-env.json")"
  if $printing; then printf '# ENV_FILE holds:\n%s\n' "$environment" | sed '2,$s/^/#   /'; else printf '%s\n' "$environment" >"$env_file"; fi

  run gcloud functions deploy "$name" --gen2 "--region=$region" --runtime=nodejs24 --entry-point=cancelHook --trigger-http \
    "--source=$source_dir" "--run-service-account=$runtime_account" \
    "--build-service-account=projects/$project/serviceAccounts/$build_account" \
    "--docker-repository=projects/$project/locations/$region/repositories/$name" \
    --memory=512Mi --cpu=1 --concurrency=80 "--timeout=${timeout}s" "--max-instances=$max_instances" "--min-instances=$min_instances" \
    --ingress-settings=all --serve-all-traffic-latest-revision --runtime-update-policy=automatic \
    "--env-vars-file=$env_file" "${flags[@]}" "${on_project[@]}"
}

# Slack's late messages and notifications are sent after the response, when Cloud Run throttles the CPU. A
# function has no such setting, and its deployment resets that of the service below it.
allocate_cpu() {
  grep -Eq '"type"[[:space:]]*:[[:space:]]*"slack"|"mode"[[:space:]]*:[[:space:]]*"ask"|"notify"[[:space:]]*:' "$config" || return 0
  run gcloud run services update "$name" "--region=$region" --no-cpu-throttling --format=none "${on_project[@]}"
}

# The right to call is looked up on the Cloud Run service below the function.
grant_invokers() {
  local member
  for member in ${invokers[@]+"${invokers[@]}"}; do
    run_patiently gcloud run services add-iam-policy-binding "$name" "--region=$region" "--member=$member" \
      --role=roles/run.invoker --format=none "${on_project[@]}"
  done
  # The flag of the deployment adds the public binding, and does not take it away.
  $public || unless_gone gcloud run services get-iam-policy "$name" "--region=$region" '--flatten=bindings[].members' \
    '--filter=bindings.role=roles/run.invoker AND bindings.members=allUsers' '--format=value(bindings.role)' "${on_project[@]}" -- \
    gcloud run services remove-iam-policy-binding "$name" "--region=$region" --member=allUsers --role=roles/run.invoker --format=none "${on_project[@]}"
}

make_job() {
  local url=FUNCTION_URL job=()
  if $printing; then
    printf '# FUNCTION_URL is what this says: '
    show gcloud functions describe "$name" "--region=$region" '--format=value(serviceConfig.uri)' "${on_project[@]}"
  else
    url=$(gcloud functions describe "$name" "--region=$region" '--format=value(serviceConfig.uri)' "${on_project[@]}")
  fi
  job=("$name-sweep" "--location=$region" "--schedule=$schedule" --time-zone=Etc/UTC "--uri=$url/$sweep" --http-method=post
    "--message-body-from-file=$sweep_body" "--oidc-service-account-email=$scheduler_account" "--oidc-token-audience=$audience"
    "--attempt-deadline=${attempt_deadline}s" --max-retry-attempts=3 --min-backoff=10s --max-backoff=300s --max-doublings=4 "${on_project[@]}")
  ensure gcloud scheduler jobs describe "$name-sweep" "--location=$region" "${on_project[@]}" -- \
    gcloud scheduler jobs create http "${job[@]}" --headers=Content-Type=application/json -- \
    gcloud scheduler jobs update http "${job[@]}" --update-headers=Content-Type=application/json
}

deploy() {
  local operations_project
  enable_apis
  make_account "$name" "$name: cancels operations"
  make_account "$name-build" "$name: builds the function"
  for operations_project in "${operations_projects[@]}"; do make_role "${operations_project%%=*}" "$operations_project"; done
  make_build_rights
  grant_secrets
  if [[ -n $sweep ]]; then
    make_account "$name-scheduler" "$name: starts sweeps"
    invokers+=("serviceAccount:$scheduler_account")
  fi
  deploy_function
  allocate_cpu
  grant_invokers
  if [[ -n $sweep ]]; then make_job; fi
  $printing || printf 'Deployed. The audience of ID tokens is %s\n' "$audience"
}

# --- remove ------------------------------------------------------------------------------------

unbind_project() {
  unless_gone gcloud projects get-iam-policy "$1" '--flatten=bindings[].members' "--filter=bindings.role=$3 AND bindings.members=serviceAccount:$2" \
    '--format=value(bindings.role)' --quiet -- \
    gcloud projects remove-iam-policy-binding "$1" "--member=serviceAccount:$2" "--role=$3" --all --format=none --quiet
}

remove() {
  local secret account operations_project predefined
  unless_gone gcloud scheduler jobs describe "$name-sweep" "--location=$region" "${on_project[@]}" -- \
    gcloud scheduler jobs delete "$name-sweep" "--location=$region" "${on_project[@]}"
  unless_gone gcloud functions describe "$name" "--region=$region" "${on_project[@]}" -- \
    gcloud functions delete "$name" "--region=$region" "${on_project[@]}"
  unless_gone gcloud artifacts repositories describe "$name" "--location=$region" "${on_project[@]}" -- \
    gcloud artifacts repositories delete "$name" "--location=$region" "${on_project[@]}"
  for secret in $(secret_ids); do
    unless_gone gcloud secrets get-iam-policy "$secret" '--flatten=bindings[].members' \
      "--filter=bindings.members=serviceAccount:$runtime_account" '--format=value(bindings.role)' "${on_project[@]}" -- \
      gcloud secrets remove-iam-policy-binding "$secret" "--member=serviceAccount:$runtime_account" \
      --role=roles/secretmanager.secretAccessor --format=none "${on_project[@]}"
  done
  # Bindings go before their accounts; afterwards they would stay behind as "deleted:…".
  unbind_project "$project" "$build_account" roles/storage.objectViewer
  unbind_project "$project" "$build_account" roles/logging.logWriter
  for operations_project in "${operations_projects[@]%%=*}"; do
    for predefined in $predefined_roles; do unbind_project "$operations_project" "$runtime_account" "$predefined"; done
    unbind_project "$operations_project" "$runtime_account" "projects/$operations_project/roles/$role"
    unless_gone gcloud iam roles list "--project=$operations_project" "--filter=name:roles/$role" '--format=value(name)' --quiet -- \
      gcloud iam roles delete "$role" "--project=$operations_project" --quiet
  done
  for account in "$runtime_account" "$build_account" "$scheduler_account"; do
    unless_gone gcloud iam service-accounts describe "$account" "${on_project[@]}" -- \
      gcloud iam service-accounts delete "$account" "${on_project[@]}"
  done
  $printing || printf 'Removed. The secrets, the enabled APIs and the source that Cloud Functions keeps in gcf-v2-sources-… are still there.\n'
}

# --- print, ask, do ----------------------------------------------------------------------------

check_options
predefined_roles=$(look_up roles '[a-z]*')
env_file=ENV_FILE printing=true
asked_invokers=(${invokers[@]+"${invokers[@]}"})
printf '# Commands to %s %s in %s:\n' "$action" "$name" "$project"
"$action"
$dry_run && exit 0

if ! $yes; then
  [[ -t 0 ]] || fail 'nothing was done: there is nobody to ask (see --yes)'
  read -r -p "Run these commands? [y/N] " answer
  [[ $answer == [yY]* ]] || fail 'nothing was done'
fi

printing=false
invokers=(${asked_invokers[@]+"${asked_invokers[@]}"})
env_file=$(mktemp "${TMPDIR:-/tmp}/cancel-hook.XXXXXX")
mv "$env_file" "$env_file.yaml" && env_file=$env_file.yaml
trap 'rm -f "$env_file"' EXIT
"$action"
