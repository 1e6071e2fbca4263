# shellcheck shell=bash
# Debian packages: installed where that is allowed, unpacked into a folder where it is not. Sourced, never run.
# Needs `say`, `fail` and $CACHE.

# Whether packages can be installed: as root, or through sudo without a password.
can_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# Runs a command as root.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Whether a package is installed as a whole.
is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the packages that are missing. The index of packages at hand is tried first; a new one is fetched
# only if that fails. Waits for another apt that is running.
apt_install() {
  local package missing=()
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  local options=(-y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "${missing[@]}")
  as_root "${install[@]}" && return
  as_root apt-get update -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3
  as_root "${install[@]}"
}

# Options that let apt work on an index of its own, which needs no rights.
own_index() {
  mkdir -p "$CACHE/apt/lists/partial" "$CACHE/apt/cache/archives/partial"
  printf '%s\n' -o "Dir::State::Lists=$CACHE/apt/lists" -o "Dir::Cache=$CACHE/apt/cache"
}

# Prints the packages, and everything that they need and that this machine does not have, as `name` or `name=version`.
missing_packages() {
  local package
  for package in "$@"; do ! is_installed "$package" || echo "$package"; done
  apt-get "${APT[@]}" install -y --no-install-recommends --print-uris "$@" |
    sed -n "s/^'[^']*' \([^_]*\)_\([^_]*\)_[^_]*\.deb .*/\1=\2/p" | sed 's/%3a/:/g'
}

# Fetches the packages, with what they need, into the current folder. Uses the machine's index of packages if that
# leads anywhere, else one of its own.
download_packages() {
  local wanted APT=(-o Debug::NoLocking=1 -o "Dir::State::extended_states=$CACHE/apt/extended_states")
  mkdir -p "$CACHE/apt"
  if wanted=$(missing_packages "$@") && fetch_packages "$wanted"; then return; fi
  mapfile -t -O ${#APT[@]} APT < <(own_index)
  apt-get "${APT[@]}" -o Acquire::Retries=3 update
  wanted=$(missing_packages "$@")
  fetch_packages "$wanted"
}

# Downloads packages named one per line.
fetch_packages() {
  local names
  mapfile -t names <<<"$1"
  [ -n "$1" ] && apt-get "${APT[@]}" -o Acquire::Retries=3 download "${names[@]}"
}

# Makes FOLDER hold the packages, unpacked, with every library that this machine lacks.
unpack_packages() {
  local folder=$1 archive
  shift
  rm -rf "$folder" "$folder.debs"
  mkdir -p "$folder" "$folder.debs"
  (cd "$folder.debs" && download_packages "$@")
  for archive in "$folder.debs"/*.deb; do dpkg-deb -x "$archive" "$folder"; done
  rm -rf "$folder.debs"
}

# Folders below FOLDER in which unpacked libraries lie, for LD_LIBRARY_PATH.
library_path() {
  find "$1/lib" "$1/usr/lib" -maxdepth 3 -name 'lib*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -s -d:
}
