#!/bin/sh
# Installs those of the Debian or Ubuntu packages that the tests need whose programs are not there.
#
#   scripts/install-packages.sh [PACKAGE...]    all of them when none is named
#
# Status: 0 everything is there; 1 something is not, and the message says what to do as root.
set -u

# Administrators' programs are missing from the PATH of many ordinary users.
PATH=$PATH:/usr/sbin:/sbin

if [ $# -eq 0 ]; then
  set -- user-mode-linux kmod iproute2 can-utils
  # See uml-xstate.c.
  if grep -qw amx_tile /proc/cpuinfo; then set -- "$@" gcc libc6-dev; fi
fi
missing=''
for package; do
  case $package in
    user-mode-linux) file=linux.uml ;;
    kmod) file=modprobe ;;
    iproute2) file=ip ;;
    can-utils) file=cansend ;;
    qemu-system-x86) file=qemu-system-x86_64 ;;
    busybox-static) file=busybox ;;
    libc6-dev) file=/usr/include/stdio.h ;;
    libc6-dev-armhf-cross) file=/usr/arm-linux-gnueabihf/include/stdio.h ;;
    libc6-dev-arm64-cross) file=/usr/aarch64-linux-gnu/include/stdio.h ;;
    libc6-dev-riscv64-cross) file=/usr/riscv64-linux-gnu/include/stdio.h ;;
    gcc-*-linux-*) file=${package#gcc-}-gcc ;;
    *) file=$package ;;
  esac
  command -v "$file" > /dev/null || [ -f "$file" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "needed, as root (names of Debian and Ubuntu): apt-get install$missing" >&2
  exit 1
fi
echo "installing$missing" >&2
# shellcheck disable=SC2086 # a list of names
if apt-get update -q < /dev/null >&2 &&
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing < /dev/null >&2; then
  exit 0
fi
echo "could not install$missing" >&2
exit 1
