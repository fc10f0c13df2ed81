import { existsSync } from 'node:fs';
import { listInterfaces, type CANInterface, type VirtualBus } from '../../../index';
import { virtualBusOf } from '../../interfaces/virtual';
import { fail, ok, warn, type Finding } from './finding';
import { checkBuffer, openError } from './machine';

/** What the default of 10 frames of a real interface is too short for: one burst of a few ms. */
const SHORT_QUEUE = 10;
const GOOD_QUEUE = 1000;

export interface Wishes {
  /** CAN FD is wanted. */
  readonly fd: boolean;
}

/** The checks of an interface; the kernel has CAN. */
export function checkInterface(name: string, wishes: Wishes): Finding[] {
  const bus = virtualBusOf(name);
  if (bus !== undefined) return checkVirtual(bus, wishes);
  const found = listInterfaces().find((each) => each.name === name);
  if (found === undefined) return [checkAbsent(name)];
  return [...checkKnown(found, wishes), checkBuffer(name)];
}

/** What the kernel tells of an interface, judged. */
export function checkKnown(found: CANInterface, wishes: Wishes): Finding[] {
  return [checkLink(found), ...checkController(found), checkMTU(found, wishes), ...checkQueue(found)];
}

function checkVirtual(bus: VirtualBus, { fd }: Wishes): Finding[] {
  const findings = [
    ok('interface', `${bus.interfaceName} is a bus inside this process, MTU ${bus.mtu}, ${bus.state}`),
    ok('scope', 'only sockets of the same process are on it: join commands by "+", see docs/cli.md'),
  ];
  if (fd && bus.mtu < 72) findings.push(fail('fd', 'the MTU is 16: no CAN FD'));
  return findings;
}

/** No CAN interface of this name: none at all, or of another kind. */
function checkAbsent(name: string): Finding {
  const kind = 'interface';
  if (existsSync(`/sys/class/net/${name}`) || openError(name)?.syscall === 'bind') {
    return fail(kind, `${name} is not a CAN interface`, 'socketcan list   # those that are');
  }
  const missing = `there is no interface ${name} in this network namespace`;
  if (/^v(x)?can/.test(name)) {
    return fail(kind, missing, `sudo ip link add ${name} type vcan && sudo ip link set ${name} up`);
  }
  return fail(
    kind,
    `${missing}: the adapter is not plugged in, its driver is not loaded, or it has another name`,
    'ip -details link show type can   # those there are',
    'sudo dmesg | grep -i can   # what the drivers say',
  );
}

function checkLink(each: CANInterface): Finding {
  const { name, kind = 'unknown kind', up, carrier, bitrate, state } = each;
  const what = `${name} (${kind})`;
  if (!up) {
    // The bit rate is told by a finding of its own.
    const fix = `sudo ip link set ${name} up`;
    return fail('link', `${what} is down`, ...(needsBitrate(each) ? [] : [fix]));
  }
  if (carrier) return ok('link', `${what} is up${bitrate === undefined ? '' : `, ${bitrate} bit/s`}`);
  if (state === 'bus-off') return fail('link', `${what} is up, but off the bus (bus-off)`);
  if (kind === 'vxcan') {
    return fail('link', `${what} is up, but its peer is down: what is sent is lost`, 'sudo ip link set PEER up');
  }
  return fail('link', `${what} is up, but has no carrier: what is sent is lost`);
}

function needsBitrate({ kind, bitrate, up }: CANInterface): boolean {
  // slcan is set up past the kernel, and then it is up without a bit rate.
  return kind === 'can' && bitrate === undefined && !up;
}

function checkController(each: CANInterface): Finding[] {
  const { name, kind, bitrate, state, restartMs, errorCounters, modes = [] } = each;
  if (kind !== 'can') return [];
  const findings: Finding[] = [];
  if (needsBitrate(each)) {
    findings.push(
      fail(
        'bitrate',
        `${name} has no bit rate; it must be that of the bus`,
        `sudo ip link set ${name} up type can bitrate 500000 restart-ms 100`,
      ),
    );
  } else findings.push(ok('bitrate', bitrate === undefined ? 'not known to the kernel' : `${bitrate} bit/s`));
  const counters =
    errorCounters === undefined ? '' : `, error counters ${errorCounters.tx} (tx), ${errorCounters.rx} (rx)`;
  const never = restartMs === 0;
  const restart = `sudo ip link set ${name} down && sudo ip link set ${name} type can restart-ms 100 && sudo ip link set ${name} up`;
  if (state === 'bus-off') {
    const waits = never ? 'and does not restart by itself (restart-ms 0)' : `and restarts every ${restartMs ?? '?'} ms`;
    findings.push(
      fail('state', `${name} is bus-off ${waits}${counters}: wrong bit rate, wiring or termination`, restart),
    );
  } else if (state === 'error-passive' || state === 'error-warning') {
    findings.push(
      warn(
        'state',
        `${name} is ${state}${counters}: nobody acknowledges, wrong bit rate, wiring or termination`,
        `socketcan dump -e ${name},#FFFFFFFF   # what the controller says`,
      ),
    );
  } else findings.push(ok('state', `${state ?? 'unknown'}${counters}`));
  if (never && state !== 'bus-off') {
    findings.push(warn('restart', `${name} stays off after a bus-off (restart-ms 0)`, restart));
  }
  if (modes.includes('listen-only')) {
    findings.push(warn('mode', `${name} only listens: nothing can be sent`));
  }
  return findings;
}

function checkMTU({ name, mtu, fd, kind }: CANInterface, wishes: Wishes): Finding {
  if (fd) return ok('fd', `MTU ${mtu}: CAN FD`);
  const classic = `MTU ${mtu}: classic CAN only`;
  if (!wishes.fd) return ok('fd', classic);
  const commands =
    kind === 'can'
      ? [`sudo ip link set ${name} up type can bitrate 500000 dbitrate 2000000 fd on`]
      : [`sudo ip link set ${name} mtu 72`, `sudo ip link set ${name} up`];
  return fail('fd', classic, [`sudo ip link set ${name} down`, ...commands].join(' && '));
}

function checkQueue({ name, txQueueLength, kind }: CANInterface): Finding[] {
  if (txQueueLength === undefined) return [];
  const text = `a transmit queue of ${txQueueLength} frames`;
  if (txQueueLength > SHORT_QUEUE || kind !== 'can') return [ok('queue', text)];
  return [
    warn(
      'queue',
      `${text}: a burst fills it, and sends wait (ENOBUFS for other programs)`,
      `sudo ip link set ${name} txqueuelen ${GOOD_QUEUE}`,
    ),
  ];
}
