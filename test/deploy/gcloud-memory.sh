#!/usr/bin/env bash
# Enough of gcloud to see what is there after a script: a list of things, one a line, in GCLOUD_STATE. Appends each
# command to GCLOUD_LOG, and fails where a command begins with GCLOUD_FAILS. A shell, since a script calls it often.
set -euo pipefail

words=() flags=()
for arg in "$@"; do
  if [[ $arg == --* ]]; then flags+=("$arg"); else words+=("$arg"); fi
done
printf 'gcloud %s\n' "$*" >>"$GCLOUD_LOG"
[[ -n ${GCLOUD_FAILS:-} && "$*" == "$GCLOUD_FAILS"* ]] && exit 1
mapfile -t things <"$GCLOUD_STATE"

flag() {
  local arg
  for arg in "${flags[@]}"; do [[ $arg == "--$1="* ]] && printf '%s' "${arg#*=}" && return; done
  return 0
}
has() {
  local thing
  for thing in "${things[@]}"; do [[ $thing == "$1" ]] && return; done
  return 1
}
add() { has "$1" || printf '%s\n' "$1" >>"$GCLOUD_STATE"; }
take() {
  local thing
  has "$1" || return
  for thing in "${things[@]}"; do [[ $thing == "$1" ]] || printf '%s\n' "$thing"; done >"$GCLOUD_STATE"
}

# The word that says what to do, and the thing that it is done to.
verb='' target=''
for i in "${!words[@]}"; do
  if [[ ${words[i]} =~ ^(enable|describe|create|update|deploy|delete|undelete|list|(add|remove|get)-iam-policy(-binding)?)$ ]]; then
    verb=${words[i]}
    [[ ${words[i + 1]:-} == http ]] && ((++i))
    target=${words[i + 1]:-}
    break
  fi
done
[[ -n $verb ]] || exit 1

if [[ $verb == *iam-policy* ]]; then
  role=$(flag role) member=$(flag member) filter=$(flag filter)
  if [[ -n $filter ]]; then
    [[ $filter =~ members=([^ ]+) ]] && member=${BASH_REMATCH[1]}
    role=roles/secretmanager.secretAccessor
    [[ $filter =~ role=([^ ]+) ]] && role=${BASH_REMATCH[1]}
  fi
  binding="binding ${words[0]} $target $role $member"
  case $verb in
    add*) add "$binding" ;;
    remove*) take "$binding" ;;
    *) if has "$binding"; then printf '%s\n' "$role"; fi ;;
  esac
  exit
fi

case " ${words[*]} " in
  ' services enable '*) exit ;;
  ' projects '*) echo 123456789012 && exit ;;
  *' service-accounts '*) kind="account ${target%%@*}" ;;
  *' roles '*) kind="role $(flag project)" ;;
  ' artifacts '*) kind="repository $target" ;;
  ' functions '*) kind="function $target" ;;
  ' run services '*) kind="function $target" ;;
  *) kind="job $target" ;;
esac
gone="deleted $kind"

case $verb in
  describe)
    if has "$gone"; then
      if [[ -n $(flag format) ]]; then echo True; else echo 'name: x'; fi
    elif has "$kind"; then
      if [[ $(flag format) != *deleted* ]]; then echo https://cancel-hook.example.com; fi
    else
      exit 1
    fi
    ;;
  list) if has "$kind"; then printf '%s\n' "$kind"; fi ;;
  undelete) take "$gone" && add "$kind" ;;
  delete) take "$kind" ;;
  update) has "$kind" ;;
  create) if has "$kind" || has "$gone"; then exit 1; fi && add "$kind" ;;
  deploy)
    cat "$(flag env-vars-file)" >>"$GCLOUD_LOG"
    add "$kind"
    ;;
esac
