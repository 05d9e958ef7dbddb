# Functions that the tools share: installing packages, configuring.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@" >&2; else sudo "$@" >&2; fi
}

# boost_package: that of Boost.JSON and Boost's headers which is installed, or else the oldest one that is new enough, if
# there is any. Those of two versions conflict with each other.
boost_package() {
  {
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libboost-json1.*-dev' 2>/dev/null | sed -n 's/^installed //p'
    apt-cache pkgnames libboost-json1. | sort -V
  } | awk -F '[.-]' '/^libboost-json1[.][0-9]+-dev$/ && $3 >= 81 && !found++'
}

# install_missing PACKAGE...: installs the Debian packages that are missing; `boost` is that of boost_package. On other
# systems it only prints their names.
install_missing() {
  local missing=() package
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "Not a Debian system: if something is missing below, it is one of: $*" >&2
    return
  fi
  for package in "$@"; do
    if [ "$package" = boost ]; then
      package=$(boost_package)
      [ -n "$package" ] || {
        as_root apt-get update -qq
        package=$(boost_package)
      }
      [ -n "$package" ] || {
        echo "This system has no package of Boost 1.81 or later. If CMake does not find another one: install it from" \
          "boost.org, vcpkg or Conan, and set CMAKE_PREFIX_PATH to its folder." >&2
        continue
      }
    fi
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  echo "Installing ${missing[*]}" >&2
  as_root apt-get update -qq
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
