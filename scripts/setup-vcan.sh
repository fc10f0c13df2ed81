#!/bin/sh
# Makes virtual CAN interfaces (CAN FD sized, up), and changes nothing where they are there already.
#
#   scripts/setup-vcan.sh [NAME...]                    vcan0 and vcan1 when no name is given
#   scripts/setup-vcan.sh --in-namespace COMMAND...    runs COMMAND, without root, with a vcan0 and
#                                                      vcan1 of its own that end with it
#
# Status: 0 the interfaces are up; 1 they could be, but not like this (the message says how);
# 2 wrong usage; 3 this kernel has no CAN, and scripts/can-guest.sh is the way (as root on Debian or
# Ubuntu its packages have been installed). With --in-namespace: the command's, once it runs.
set -u

here=$(cd -- "$(dirname -- "$0")" && pwd)
# ip lives in /usr/sbin, which is missing from the PATH of many ordinary users.
PATH=$PATH:/usr/sbin:/sbin

say() { printf 'setup-vcan: %s\n' "$*" >&2; }
root() { [ "$(id -u)" -eq 0 ]; }
exists() { ip link show dev "$1" > /dev/null 2>&1; }
vcan() { [ -n "$(ip -o link show dev "$1" type vcan 2> /dev/null)" ]; }
ready() {
  case $(ip -o link show dev "$1" type vcan 2> /dev/null) in
    *[,\<]UP[,\>]*' mtu 72 '*) return 0 ;;
  esac
  return 1
}

# A dry run does not need root and finds modules that are built in, too.
kernel_has_can() {
  grep -q '^CAN_RAW' /proc/net/protocols 2> /dev/null ||
    { modprobe -n -q can-raw && modprobe -n -q vcan; } 2> /dev/null
}

no_can() {
  say "this kernel ($(uname -r)) has no virtual CAN${1:+: $1}"
  case $(uname -v) in
    *Ubuntu*) say "Ubuntu keeps it in a package of its own: apt-get install linux-modules-extra-$(uname -r)" ;;
  esac
  # The published package has this script alone.
  if [ -x "$here/can-guest.sh" ] && "$here/install-packages.sh"; then
    say "commands that need CAN can run in a guest kernel: $here/can-guest.sh COMMAND..."
  fi
  exit 3
}

# In a namespace this script runs again, as its root.
if [ "${1-}" = --in-namespace ]; then
  shift
  [ $# -gt 0 ] || { say '--in-namespace needs a command'; exit 2; }
  exec unshare --user --map-root-user --net -- sh "$0" --inside "$@"
fi
inside=0
if [ "${1-}" = --inside ]; then
  shift
  inside=1
fi
case ${1-} in
  --help | -h) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
  -*) [ "$inside" = 1 ] || { say "unknown option $1 (see --help)"; exit 2; } ;;
esac

if ! command -v ip > /dev/null; then
  say 'ip is missing; on Debian or Ubuntu, as root: apt-get install iproute2'
  exit 1
fi

up() {
  for name; do
    ready "$name" && continue
    if ! exists "$name"; then
      # Loads what is not loaded; where that cannot be, the next line says so better.
      modprobe -q -a vcan can-raw 2> /dev/null
      if ! error=$(ip link add dev "$name" type vcan 2>&1); then
        case $error in
          *'not permitted'*) say "$name: $error (in a container: --cap-add NET_ADMIN)"; exit 1 ;;
          *'Unknown device type'* | *'not supported'*) no_can "$error" ;;
          *) say "$name: $error"; exit 1 ;;
        esac
      fi
    elif ! vcan "$name"; then
      say "$name exists and is not a virtual CAN interface: left alone"
      exit 1
    fi
    # The size cannot be changed while the interface is up.
    ip link set dev "$name" down && ip link set dev "$name" mtu 72 && ip link set dev "$name" up || exit 1
    say "$name is up"
  done
}

if [ "$inside" = 1 ]; then
  ip link set lo up
  up vcan0 vcan1
  exec "$@"
fi

[ $# -gt 0 ] || set -- vcan0 vcan1
missing=''
for name; do ready "$name" || missing="$missing $name"; done
[ -n "$missing" ] || exit 0

if ! root; then
  kernel_has_can || no_can
  say "making$missing takes root: sudo $0 $*"
  say "or, without root, for one command at a time: $0 --in-namespace COMMAND..."
  exit 1
fi
up "$@"
