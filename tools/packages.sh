# Functions that the tools share: installing packages, configuring.

# install_missing PACKAGE...: installs the Debian packages that are missing. On other systems it only prints their names.
install_missing() {
  local missing=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "Not a Debian system: if something is missing below, it is one of: $*" >&2
    return
  fi
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "Installing ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >&2
}

build_packages=(g++ cmake ninja-build libboost1.81-dev libboost-json1.81-dev libssl-dev)

# configure FOLDER OPTION...: runs CMake, with ccache if it is installed.
configure() {
  local folder=$1
  shift
  local launcher=()
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake -S . -B "$folder" -G Ninja "${launcher[@]}" "$@" >"$folder.log" 2>&1 || {
    cat "$folder.log" >&2
    return 1
  }
}
