# shellcheck shell=bash
# Words and times for the scripts of this folder. Sourced, never run.

# Milliseconds since some moment in the past.
now() {
  local moment=${EPOCHREALTIME/[.,]/}
  echo $((moment / 1000))
}

# Seconds with one decimal since a moment that `now` gave.
since() {
  local passed=$(($(now) - $1))
  printf '%d.%d' $((passed / 1000)) $((passed % 1000 / 100))
}

# A line of the talk, on stderr.
say() {
  printf '%s\n' "$*" >&2
}

# Ends the script with the first cause and what to do.
fail() {
  say "error: $1"
  shift
  local line
  for line in "$@"; do say "  $line"; done
  exit 1
}

# The folder that holds all that the tests need and that is expensive to make.
cache_folder() {
  echo "${DEPLOY_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/deploy-tests}"
}
