import { existsSync } from 'node:fs';
import { listInterfaces, type CANInterface, type VirtualBus } from '../../../index';
import { virtualBusOf } from '../../interfaces/virtual';
import { fail, ok, warn, type Finding } from './finding';
import { checkBuffer, openError } from './probe';

/** The default transmit queue of many drivers, in frames: a burst of a few ms fills it. */
const SHORT_QUEUE = 10;
const GOOD_QUEUE = 1000;

/** The features that the user needs. */
export interface Requirements {
  /** Whether the interface must accept CAN FD frames. */
  readonly fd: boolean;
}

/** Checks an interface. The kernel must support CAN. */
export function checkInterface(name: string, requirements: Requirements): Finding[] {
  const bus = virtualBusOf(name);
  if (bus !== undefined) return checkVirtual(bus, requirements);
  const found = listInterfaces().find((each) => each.name === name);
  if (found === undefined) return [checkMissing(name)];
  return [...checkProperties(found, requirements), checkBuffer(name)];
}

/** Checks what the kernel reports about an interface. */
export function checkProperties(found: CANInterface, requirements: Requirements): Finding[] {
  return [checkLink(found), ...checkController(found), checkMTU(found, requirements), ...checkQueue(found)];
}

function checkVirtual(bus: VirtualBus, { fd }: Requirements): Finding[] {
  const findings = [
    ok('interface', `${bus.interfaceName} is a bus inside this process, MTU ${bus.mtu}, ${bus.state}`),
    ok('scope', 'only sockets of the same process use it: join commands by "+", see docs/cli.md'),
  ];
  if (fd && bus.mtu === 16) findings.push(fail('fd', `the MTU is ${bus.mtu}: no CAN FD`));
  return findings;
}

/** There is no CAN interface with this name, but perhaps an interface of another kind. */
function checkMissing(name: string): Finding {
  const check = 'interface';
  if (existsSync(`/sys/class/net/${name}`) || openError(name)?.syscall === 'bind') {
    return fail(check, `${name} is not a CAN interface`, 'socketcan list   # shows the CAN interfaces');
  }
  const missing = `there is no interface ${name} in this network namespace`;
  if (/^v(x)?can/.test(name)) {
    return fail(check, missing, `sudo ip link add ${name} type vcan && sudo ip link set ${name} up`);
  }
  return fail(
    check,
    `${missing}: the adapter is not plugged in, its driver is not loaded, or it has another name`,
    'ip -details link show type can   # shows the CAN adapters',
    'sudo dmesg | grep -i can   # shows messages of the drivers',
  );
}

function checkLink(found: CANInterface): Finding {
  const { name, kind = 'unknown kind', up, carrier, bitrate, state } = found;
  const what = `${name} (${kind})`;
  if (!up) {
    // Without a bit rate, the finding "bitrate" has the command.
    const fix = `sudo ip link set ${name} up`;
    return fail('link', `${what} is down`, ...(needsBitrate(found) ? [] : [fix]));
  }
  if (carrier) return ok('link', `${what} is up${bitrate === undefined ? '' : `, ${bitrate} bit/s`}`);
  if (state === 'bus-off') return fail('link', `${what} is up, but off the bus (bus-off)`);
  if (kind === 'vxcan') {
    return fail('link', `${what} is up, but its peer is down: sent frames are lost`, 'sudo ip link set PEER up');
  }
  return fail('link', `${what} is up, but has no carrier: sent frames are lost`);
}

function needsBitrate({ kind, bitrate, up }: CANInterface): boolean {
  // slcan sets the bit rate without the kernel, and is up although the kernel has none.
  return kind === 'can' && bitrate === undefined && !up;
}

function checkController(found: CANInterface): Finding[] {
  if (found.kind !== 'can') return [];
  return [checkBitrate(found), checkState(found), ...checkRestart(found), ...checkMode(found)];
}

function checkBitrate(found: CANInterface): Finding {
  const { name, bitrate } = found;
  if (!needsBitrate(found)) return ok('bitrate', bitrate === undefined ? 'unknown to the kernel' : `${bitrate} bit/s`);
  return fail(
    'bitrate',
    `${name} has no bit rate; set the bit rate of the bus`,
    `sudo ip link set ${name} up type can bitrate 500000 restart-ms 100`,
  );
}

function checkState({ name, state, restartMs, errorCounters }: CANInterface): Finding {
  const counters =
    errorCounters === undefined ? '' : `, error counters ${errorCounters.tx} (tx), ${errorCounters.rx} (rx)`;
  if (state === 'bus-off') {
    const restarts =
      restartMs === 0 ? 'and does not restart on its own (restart-ms 0)' : `and restarts every ${restartMs ?? '?'} ms`;
    const message = `${name} is bus-off ${restarts}${counters}: wrong bit rate, wiring or termination`;
    return fail('state', message, restartCommand(name));
  }
  if (state === 'error-passive' || state === 'error-warning') {
    return warn(
      'state',
      `${name} is ${state}${counters}: no acknowledgement, wrong bit rate, wiring or termination`,
      `socketcan dump -e ${name},#FFFFFFFF   # shows the errors`,
    );
  }
  return ok('state', `${state ?? 'unknown'}${counters}`);
}

function checkRestart({ name, state, restartMs }: CANInterface): Finding[] {
  if (restartMs !== 0 || state === 'bus-off') return [];
  return [warn('restart', `${name} stays off the bus after a bus-off (restart-ms 0)`, restartCommand(name))];
}

/** The command that lets a controller restart on its own. */
function restartCommand(name: string): string {
  return [`down`, `type can restart-ms 100`, `up`].map((change) => `sudo ip link set ${name} ${change}`).join(' && ');
}

function checkMode({ name, modes = [] }: CANInterface): Finding[] {
  return modes.includes('listen-only') ? [warn('mode', `${name} is in listen-only mode: it cannot send`)] : [];
}

function checkMTU({ name, mtu, fd, kind }: CANInterface, requirements: Requirements): Finding {
  if (fd) return ok('fd', `MTU ${mtu}: CAN FD`);
  const classic = `MTU ${mtu}: classic CAN only`;
  if (!requirements.fd) return ok('fd', classic);
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
      `${text}: a burst fills it, and sends must wait (other programs get ENOBUFS)`,
      `sudo ip link set ${name} txqueuelen ${GOOD_QUEUE}`,
    ),
  ];
}
