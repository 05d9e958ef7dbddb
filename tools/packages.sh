# Functions that the tools share: installing packages, configuring.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@" >&2; else sudo "$@" >&2; fi
}

# boost_version: that of Boost's packages that are installed, or else the oldest one that is new enough, if there is any.
# Packages of two versions conflict with each other.
boost_version() {
  local installed known
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libboost-json1.*-dev' 2>/dev/null |
    sed -n 's/^installed //p')
  known=$(apt-cache pkgnames libboost-json1.)
  sed -n 's/^libboost-json\(1\.[0-9]*\)-dev$/\1/p' <<<"${installed:-$known}" | sort -V |
    awk -F. '$2 >= 81 { print; exit }'
}

# install_missing PACKAGE...: installs the Debian packages that are missing; `boost` is Boost's headers and Boost.JSON. On
# other systems it only prints their names.
install_missing() {
  local missing=() is_updated='' package version
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "Not a Debian system: if something is missing below, it is one of: $*" >&2
    return
  fi
  for package in "$@"; do
    [ "$package" = boost ] || continue
    version=$(boost_version)
    [ -n "$version" ] || {
      as_root apt-get update -qq
      is_updated=yes version=$(boost_version)
    }
    if [ -n "$version" ]; then
      set -- "$@" "libboost$version-dev" "libboost-json$version-dev"
    else
      echo "This system has no package of Boost 1.81 or later. If CMake does not find another one: install it from" \
        "boost.org, vcpkg or Conan, and set CMAKE_PREFIX_PATH to its folder." >&2
    fi
  done
  for package in "$@"; do
    [ "$package" = boost ] || [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  echo "Installing ${missing[*]}" >&2
  [ -n "$is_updated" ] || as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

build_packages=(g++ cmake ninja-build boost libssl-dev)

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
