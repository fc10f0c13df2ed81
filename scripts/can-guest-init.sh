#!/bin/bash
# The first process of the guests that scripts/can-guest.sh and scripts/can-controllers.sh start; of no
# use elsewhere. The root file system is the host's own: nothing is written outside the memory file
# systems mounted here and GUEST_DIR, and mounts exist for the guest alone.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec < /dev/null

# Ends the guest without `halt`, which containers do not have: noreboot on the kernel's command line
# makes a restart the end.
finish() {
  echo "$1" > "$GUEST_DIR/status"
  sync
  echo b > /proc/sysrq-trigger
}

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=755 run /run
mkdir -m 1777 /run/tmp
ln -sfn /proc/self/fd /dev/fd
ln -sfn /proc/self/fd/0 /dev/stdin
ln -sfn /proc/self/fd/1 /dev/stdout
ln -sfn /proc/self/fd/2 /dev/stderr
ln -sfn pts/ptmx /dev/ptmx

# Two serial lines carry the command's output, byte for byte. The command itself gets pipes, so that
# it does not take itself to be on a terminal. The copiers outlive the TERM that ends stragglers below.
[[ -c /dev/${GUEST_OUTPUT%,*} && -c /dev/${GUEST_OUTPUT#*,} ]] || finish 125
exec 3> "/dev/${GUEST_OUTPUT%,*}" 4> "/dev/${GUEST_OUTPUT#*,}"
raw() {
  for line in 3 4; do
    if [[ -t $line ]]; then stty raw -echo <&$line; fi
  done
}
raw
exec 5> >(trap '' TERM; exec cat >&3)
out=$!
exec 6> >(trap '' TERM; exec cat >&4)
err=$!

ip link set lo up

# The modules of this kernel are outside /lib/modules, where modprobe looks. The kernel, too, is told,
# so that it loads by itself what a socket, an interface or a qdisc asks for.
mkdir -p /run/modules/lib
ln -s "$GUEST_MODULE_DIR" /run/modules/lib/modules
printf '#!/bin/sh\nexec modprobe -d /run/modules "$@"\n' > /run/modprobe
chmod +x /run/modprobe
echo /run/modprobe > /proc/sys/kernel/modprobe
for module in can-dev can can-raw vcan ${GUEST_MODULES//,/ }; do
  /run/modprobe "$module" 2> /run/modprobe.log ||
    echo "can-guest: module $module could not be loaded: $(tail -n 1 /run/modprobe.log)" >&6
done

if [[ $GUEST_VCAN = 1 ]] && ! sh "$GUEST_DIR/setup-vcan.sh" > /run/vcan.log 2>&1; then
  cat /run/vcan.log >&6
  finish 125
fi

# Controllers need a bit rate; can-guest.sh has none of them and gives none. QEMU's bus takes no time, so
# frames come faster than on any wire. Their interrupts, which are requested when they are set up, go to
# one CPU: of two, one would fill a receiver's 64 bytes before the other has looked (3 of 5 frames lost,
# measured; none on one). Between interrupt and sockets there is room for a burst (1 of 10 lost, else).
if [[ -n ${GUEST_BITRATE-} ]]; then
  echo 1 > /proc/irq/default_smp_affinity
  echo 65536 > /proc/sys/net/core/netdev_max_backlog
  for name in can0 can1; do
    ip link set "$name" up type can bitrate "$GUEST_BITRATE" restart-ms 100 > /run/can.log 2>&1 && continue
    cat /run/can.log >&6
    finish 125
  done
fi

mapfile -d '' environment < "$GUEST_DIR/environment"
mapfile -d '' command < "$GUEST_DIR/command"
if cd -- "${command[0]}"; then
  # `sh -c exec` because env would take a command with a = in its name for a variable.
  setsid env -i "${environment[@]}" TMPDIR=/run/tmp \
    /bin/sh -c 'exec "$@"' can-guest "${command[@]:1}" >&5 2>&6 3>&- 4>&- 5>&- 6>&-
  status=$?
else
  status=125
fi

# What the command left running would hold its output open.
exec 5>&- 6>&-
kill -TERM -1
for _ in {1..20}; do
  kill -0 "$out" 2> /dev/null || kill -0 "$err" 2> /dev/null || break
  sleep 0.1
done
# Setting a terminal's mode waits until it has sent everything; a virtual port has no delay.
raw
finish "$status"
