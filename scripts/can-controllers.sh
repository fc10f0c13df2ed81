#!/usr/bin/env bash
# Runs a command on a machine with two CAN controllers (SJA1000, classic CAN) on one bus, can0 and can1.
#
#   scripts/can-controllers.sh [--timeout SECONDS] [--memory 2G] [--modules "can-bcm can-gw ..."]
#                              [--no-vcan] [--bitrate 500000] [--] COMMAND [ARG...]
#
# The machine is QEMU's, without need of root or virtualisation; its kernel is Debian's for amd64,
# downloaded once by apt-get into ~/.cache/can-controllers. Booting takes 10 to 30 s. Its root file system
# is that of this machine, WRITABLE: the command sees the same files, the same node and the same packages,
# and what it writes stays. It runs as the machine's root, in the current directory, with this environment
# (TMPDIR apart, which is a memory file system that goes with the machine), without standard input and
# without a terminal. can0 and can1 are up, with the bit rate given and restart-ms 100, and so are vcan0
# and vcan1. What these controllers are like, and what not: docs/controllers.md.
#
# The status is the command's; 124 when the time was up, 125 when the machine could not be started or
# died, 127 when the command was not found, 128 + N when it was ended by signal N.
set -uo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

die() {
  printf 'can-controllers: %s\n' "$*" >&2
  exit 125
}

timeout=infinity memory=2G modules='' vcan=1 bitrate=500000
while [[ $# -gt 0 ]]; do
  case $1 in
    --timeout | --memory | --modules | --bitrate)
      [[ $# -ge 2 ]] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    --no-vcan) vcan=0; shift ;;
    --help | -h) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    --) shift; break ;;
    -*) die "unknown option $1 (see --help)" ;;
    *) break ;;
  esac
done
[[ $# -gt 0 ]] || die 'no command given (see --help)'
[[ $timeout =~ ^([0-9]+|infinity)$ ]] || die "--timeout takes whole seconds, not '$timeout'"
[[ $memory =~ ^[0-9]+[KMG]$ ]] || die "--memory takes a size such as 512M or 2G, not '$memory'"
[[ $bitrate =~ ^[0-9]+$ ]] || die "--bitrate takes bit/s, not '$bitrate'"

# Missing from the PATH of many ordinary users, who are root in the machine.
export PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 busybox cpio modprobe depmod ip; do
  command -v "$tool" > /dev/null ||
    die "$tool is missing; on Debian, as root: apt-get install qemu-system-x86 busybox-static cpio kmod iproute2 can-utils"
done

# Everything that belongs to this machine is in here. Not under TMPDIR: the name goes onto the
# kernel's command line, which knows no quoting.
dir=$(mktemp -d /tmp/can-controllers.XXXXXX) || die 'no temporary directory'
machine='' alarm='' readers=()

cleanup() {
  trap '' INT TERM HUP
  # As one block, for bash would report them as killed.
  {
    [[ -z $machine ]] || kill -KILL "$machine"
    [[ -z $alarm ]] || kill -KILL "$alarm"
    wait
  } 2> /dev/null
  rm -rf -- "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The kernel that apt-get has today, without the drivers that this machine has no devices for: 50 MB
# of its 400. A folder appears under its name when it is complete.
download_kernel() {
  local package
  package=$(apt-cache depends linux-image-amd64 2> /dev/null | sed -n 's/^ *Depends: //p' | head -n 1)
  [[ -n $package ]] || die 'apt-cache does not know linux-image-amd64; as root: apt-get update'
  echo "can-controllers: downloading $package into $cache, once" >&2
  (
    mkdir "$dir/package" && cd "$dir/package" &&
      apt-get -o APT::Sandbox::User=root -q download "$package" > "$dir/apt.log" 2>&1 &&
      mkdir "$cache/.$$" && dpkg-deb --fsys-tarfile ./*.deb |
      tar -x -C "$cache/.$$" --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.*' \
        './lib/modules/*/kernel/net/*' './lib/modules/*/kernel/lib/*' \
        './lib/modules/*/kernel/fs/9p/*' './lib/modules/*/kernel/fs/netfs/*' \
        './lib/modules/*/kernel/fs/fscache/*' './lib/modules/*/kernel/drivers/net/can/*' \
        './lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/drivers/char/*' &&
      depmod -b "$cache/.$$" "${package#linux-image-}" && mv "$cache/.$$" "$cache/$package"
  )
}

# That of linux-image-amd64, for linux-image-cloud-amd64 has no CAN.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/can-controllers
mkdir -p "$cache" || die "cannot write $cache"
newest() { find "$cache" -maxdepth 1 -name 'linux-image-*' | sort -V | tail -n 1; }
kernel=$(newest)
if [[ -z $kernel ]]; then
  if ! download_kernel; then
    cat "$dir/apt.log" >&2
    rm -rf -- "$cache/.$$"
    die 'the kernel could not be had'
  fi
  kernel=$(newest)
fi
version=${kernel##*/linux-image-}

# NUL is the one byte that neither arguments nor variables can hold: no quoting, nothing to escape.
printf '%s\0' "$PWD" "$@" > "$dir/command"
env -0 > "$dir/environment"
cp -- "$here/can-guest-init.sh" "$dir/init"
cp -- "$here/setup-vcan.sh" "$dir/setup-vcan.sh"
chmod +x "$dir/init"

# The first root file system has what it takes to mount the other: modules in the order of their needs.
root=$dir/initramfs
mkdir -p "$root"/{bin,dev,mnt}
cp -L -- "$(command -v busybox)" "$root/bin/busybox" || die 'no busybox'
for module in virtio_pci virtio_console 9pnet_virtio 9p; do
  modprobe -d "$kernel" -S "$version" --show-depends "$module" || die "no module $module in $kernel"
done | while read -r how file _; do
  [[ $how = insmod ]] || continue
  name=$(basename "$file")
  case $name in
    *.xz) xz -dc "$file" > "$root/${name%.xz}" ;;
    *) cp -- "$file" "$root/" ;;
  esac
  echo "${name%.xz}"
done > "$dir/modules" || exit 125
uniq=$(awk '!seen[$0]++' "$dir/modules" | tr '\n' ' ')
cat > "$root/init" << END
#!/bin/busybox sh
for module in $uniq; do /bin/busybox insmod /\$module; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,access=any root /mnt &&
  exec /bin/busybox switch_root /mnt "\$GUEST_DIR/init"
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) > "$dir/initramfs.cpio" || die 'no initramfs'

# QEMU's ends of the output are pipes of ours and not our own output, which it would make non-blocking
# for everybody who shares it.
# Where nobody reads ours any more, the rest is read to nowhere, or the machine would wait for ever.
mkfifo "$dir/stdout" "$dir/stderr"
{ cat || cat > /dev/null; } < "$dir/stdout" & readers+=($!)
{ cat >&2 || cat > /dev/null; } < "$dir/stderr" & readers+=($!)

# The virtual serial ports come first, for they are named by the number of their device. Two CPUs: with
# one a program that sends would never meet an interrupt. Expedited grace periods halve the time to
# boot. setpriv: should this script be killed without a chance to clean up, the machine ends too.
setsid setpriv --pdeathsig TERM \
  qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
  -accel tcg,thread=multi -cpu max -smp 2 -m "$memory" \
  -device virtio-serial \
  -chardev "file,id=out,path=$dir/stdout" -device virtserialport,chardev=out \
  -chardev "file,id=err,path=$dir/stderr" -device virtserialport,chardev=err \
  -virtfs local,path=/,mount_tag=root,security_model=none,multidevs=remap \
  -object can-bus,id=bus -device kvaser_pci,canbus=bus -device kvaser_pci,canbus=bus \
  -serial "file:$dir/log" -kernel "$kernel/boot/vmlinuz-$version" -initrd "$dir/initramfs.cpio" \
  -append "console=ttyS0 loglevel=4 panic=-1 mitigations=off rcupdate.rcu_expedited=1 \
    GUEST_DIR=$dir GUEST_VCAN=$vcan GUEST_MODULES=kvaser_pci,${modules//[[:space:]]/,} \
    GUEST_MODULE_DIR=$kernel/lib/modules GUEST_OUTPUT=vport0p1,vport0p2 GUEST_BITRATE=$bitrate" \
  < /dev/null > "$dir/qemu.log" 2>&1 &
machine=$!
setpriv --pdeathsig KILL sleep "$timeout" > /dev/null 2>&1 &
alarm=$!

wait -n "$machine" "$alarm"
ended=$?
late=0
kill -0 "$alarm" 2> /dev/null || late=1
{ kill -KILL "$machine"; wait "$machine"; } 2> /dev/null
# Their pipes have no writer now: the readers end when they have passed on everything.
wait "${readers[@]}"

if [[ -s $dir/status ]]; then
  exit "$(< "$dir/status")"
elif [[ $late -eq 1 ]]; then
  echo "can-controllers: the command did not end within $timeout s" >&2
  exit 124
fi
echo "can-controllers: the machine died (status $ended); its last words:" >&2
tail -q -n 30 "$dir/qemu.log" "$dir/log" >&2
exit 125
