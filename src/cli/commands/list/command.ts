import { listInterfaces, type CANInterface } from '../../../index';
import { checkCount, flagOf } from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { colorize } from '../../main/output';
import type { Terminal } from '../../main/terminal';
import { jsonLine } from '../../text/json';

const USAGE = `
Usage: socketcan list [--json]

Lists the CAN interfaces of this machine (of this network namespace), by index.

  KIND      can: a controller; vcan, vxcan: virtual, in the kernel
  LINK      up, down, or no-carrier: up, but no frame reaches the bus (bus-off, or the peer of a vxcan is down)
  MTU       16: classic CAN; 72: CAN FD; more: CAN XL
  BITRATE   of the arbitration phase / of the data phase, in bit/s
  STATE     of the controller, with its error counters (transmit/receive)
  RX, TX    frames since the interface was created, and how many were dropped or had errors

      --json   print one line of JSON per interface, with all properties
  -h, --help
`;

export const listCommand: Command = {
  name: 'list',
  summary: 'list the CAN interfaces of this machine',
  usage: USAGE,
  options: { json: { type: 'boolean' } },
  run(args: Arguments, io: Terminal) {
    checkCount(args, '', 0, 0);
    const interfaces = listInterfaces();
    if (flagOf(args, 'json')) {
      for (const each of interfaces) io.print(jsonLine(each));
    } else if (interfaces.length === 0) {
      io.report('there are no CAN interfaces; "socketcan doctor" explains why, and what to do');
      io.report('virtual:NAME is a bus inside a process that works without them');
    } else {
      for (const line of table(interfaces, io)) io.print(line);
    }
    return Promise.resolve(0);
  },
};

const HEAD = ['NAME', 'KIND', 'LINK', 'MTU', 'BITRATE', 'STATE', 'RX', 'TX'];

function table(interfaces: readonly CANInterface[], io: Terminal): string[] {
  const rows = [HEAD, ...interfaces.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    if (index === 0) return colorize(io.stdout, 'bold', line);
    const each = interfaces[index - 1];
    return each !== undefined && isBad(each) ? colorize(io.stdout, 'red', line) : line;
  });
}

function cells(each: CANInterface): string[] {
  const { name, kind, mtu, fd, traffic } = each;
  const rx = traffic && counts(traffic.rxFrames, traffic.rxDropped, traffic.rxErrors);
  const tx = traffic && counts(traffic.txFrames, traffic.txDropped, traffic.txErrors);
  return [
    name,
    kind ?? '-',
    linkOf(each),
    `${mtu}${fd ? ' (FD)' : ''}`,
    bitrateOf(each),
    stateOf(each),
    rx ?? '-',
    tx ?? '-',
  ];
}

function isBad({ state, up, carrier }: CANInterface): boolean {
  return state === 'bus-off' || state === 'error-passive' || (up && !carrier);
}

function linkOf({ up, carrier }: CANInterface): string {
  if (!up) return 'down';
  return carrier ? 'up' : 'no-carrier';
}

function bitrateOf({ bitrate, dataBitrate }: CANInterface): string {
  if (bitrate === undefined) return '-';
  return dataBitrate === undefined ? String(bitrate) : `${bitrate}/${dataBitrate}`;
}

function stateOf({ state, errorCounters }: CANInterface): string {
  if (state === undefined) return '-';
  return errorCounters === undefined ? state : `${state} (${errorCounters.tx}/${errorCounters.rx})`;
}

function counts(frames: number, dropped: number, errors: number): string {
  const parts = [String(frames)];
  if (dropped > 0) parts.push(`${dropped} dropped`);
  if (errors > 0) parts.push(`${errors} errors`);
  return parts.join(', ');
}
