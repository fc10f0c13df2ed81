#!/usr/bin/env bash
# Runs a command on a Linux kernel that has CAN, on a machine whose own kernel has none.
#
#   scripts/can-guest.sh [--timeout SECONDS] [--memory 2G] [--modules "can-bcm slcan ..."] [--cpu N]
#                        [--no-vcan] [--] COMMAND [ARG...]
#
# The kernel is Debian's user-mode Linux, an ordinary program that needs neither root nor
# virtualisation. Its root file system is that of this machine, WRITABLE: the command sees the same
# files, the same node and the same packages, and what it writes stays. It runs as the guest's root,
# in the current directory, with this environment (TMPDIR apart, which is a memory file system that
# goes with the guest), without standard input and without a terminal. vcan0 and vcan1 are up.
#
# The status is the command's; 124 when the time was up, 125 when the guest could not be started or
# died, 127 when the command was not found, 128 + N when it was ended by signal N.
set -uo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

die() {
  printf 'can-guest: %s\n' "$*" >&2
  exit 125
}

timeout=infinity memory=2G modules='' vcan=1 cpu=$$
while [[ $# -gt 0 ]]; do
  case $1 in
    --timeout | --memory | --modules | --cpu)
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
[[ $cpu =~ ^[0-9]+$ ]] || die "--cpu takes a number, not '$cpu'"
[[ $memory =~ ^[0-9]+[KMG]$ ]] || die "--memory takes a size such as 512M or 2G, not '$memory'"

# Missing from the PATH of many ordinary users, who are root in the guest.
export PATH=$PATH:/usr/sbin:/sbin
for tool in linux.uml modprobe ip; do
  command -v "$tool" > /dev/null ||
    die "$tool is missing; on Debian or Ubuntu, as root: apt-get install user-mode-linux kmod iproute2 can-utils"
done

# The guest's memory is a file in /dev/shm, of which containers often have 64 MB: the guest would
# start and then die of a bus error.
shm=$(df --output=avail -B1 /dev/shm 2> /dev/null | tail -n 1)
if [[ -n $shm && $shm -lt $(numfmt --from=iec "$memory") ]]; then
  echo "can-guest: /dev/shm has $((shm / 1048576)) MB free, less than the guest's $memory;" \
    'should it die, give the container more (--shm-size=2g) or use --memory' >&2
fi

# Everything that belongs to this guest is in here. Not under TMPDIR: the name goes onto the guest
# kernel's command line, which knows no quoting.
dir=$(mktemp -d /tmp/can-guest.XXXXXX) || die 'no temporary directory'
guest='' alarm='' readers=()

# See uml-xstate.c.
preload=''
if grep -qw amx_tile /proc/cpuinfo; then
  cc -O2 -shared -fPIC -o "$dir/xstate.so" "$here/uml-xstate.c" ||
    die 'this CPU has AMX, for which user-mode Linux needs a C compiler; on Debian or Ubuntu, as root: apt-get install gcc libc6-dev'
  preload=$dir/xstate.so
fi

# User-mode Linux is a process for the kernel and one for each address space inside it, all in the
# process group of the first.
cleanup() {
  trap '' INT TERM HUP
  # As one block, for bash would report them as killed.
  {
    [[ -z $guest ]] || kill -KILL -- "-$guest"
    [[ -z $alarm ]] || kill -KILL "$alarm"
    wait
  } 2> /dev/null
  rm -rf -- "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# NUL is the one byte that neither arguments nor variables can hold: no quoting, nothing to escape.
printf '%s\0' "$PWD" "$@" > "$dir/command"
env -0 > "$dir/environment"
cp -- "$here/can-guest-init.sh" "$dir/init"
cp -- "$here/setup-vcan.sh" "$dir/setup-vcan.sh"
chmod +x "$dir/init"

# The guest's serial lines are pipes of ours and not our own output: user-mode Linux makes what it
# is given non-blocking, and a terminal raw, for everybody who shares it.
# Where nobody reads ours any more, the rest is read to nowhere, or the guest would wait for ever.
mkfifo "$dir/stdout" "$dir/stderr"
{ cat || cat > /dev/null; } < "$dir/stdout" & readers+=($!)
{ cat >&2 || cat > /dev/null; } < "$dir/stderr" & readers+=($!)

# One host CPU: the guest has one CPU, made of several processes that hand over to each other at
# every system call. On one CPU that costs 20 us, across two 150 to 550. Guests that run at the
# same time are spread over the CPUs that this process may use.
mapfile -t cpus < <(taskset -cp $$ | sed 's/.*: *//' | tr , '\n' |
  while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done)
cpu=${cpus[10#$cpu % ${#cpus[@]}]}

# setpriv: should this script be killed without a chance to clean up, the guest ends too.
setsid setpriv --pdeathsig TERM taskset -c "$cpu" \
  env LD_PRELOAD="$preload" linux.uml mem="$memory" umid=guest uml_dir="$dir/" \
  rootfstype=hostfs rootflags=/ rw init="$dir/init" noreboot panic=-1 \
  con0=null,fd:1 con=null console=tty0 loglevel=4 \
  ssl0=null,fd:3 ssl1=null,fd:4 ssl=null \
  GUEST_DIR="$dir" GUEST_VCAN="$vcan" GUEST_MODULES="${modules//[[:space:]]/,}" \
  GUEST_MODULE_DIR=/usr/lib/uml/modules GUEST_OUTPUT=ttyS0,ttyS1 \
  < /dev/null > "$dir/log" 2>&1 3> "$dir/stdout" 4> "$dir/stderr" &
guest=$!
setpriv --pdeathsig KILL sleep "$timeout" > /dev/null 2>&1 &
alarm=$!

wait -n "$guest" "$alarm"
ended=$?
late=0
kill -0 "$alarm" 2> /dev/null || late=1
{ kill -KILL -- "-$guest"; wait "$guest"; } 2> /dev/null
# Their pipes have no writer now: the readers end when they have passed on everything.
wait "${readers[@]}"

if [[ -s $dir/status ]]; then
  exit "$(< "$dir/status")"
elif [[ $late -eq 1 ]]; then
  echo "can-guest: the command did not end within $timeout s" >&2
  exit 124
fi
echo "can-guest: the guest died (status $ended); its last words:" >&2
tail -n 30 "$dir/log" >&2
exit 125
