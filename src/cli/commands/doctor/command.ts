import { listInterfaces } from '../../../index';
import { checkCount, flagOf } from '../../main/arguments';
import type { Terminal } from '../../main/terminal';
import type { Arguments, Command } from '../../main/command';
import { jsonLine } from '../../text/json';
import { colorize } from '../../main/output';
import { isVirtual } from '../../interfaces/virtual';
import { fail, ok, warn, type Finding } from './finding';
import { checkInterface, type Wishes } from './interface';
import { checkMachine } from './machine';

const USAGE = `
Usage: socketcan doctor [OPTION...] [INTERFACE]

Tells what is wrong with CAN on this machine, or with an interface, and the command that mends it. It
changes nothing. Without an interface all CAN interfaces are looked at.

      --fd     CAN FD is wanted
      --json   a line of JSON a check
  -h, --help

Exit code: 0 nothing failed (there may be warnings); 1 something did; 2 wrong usage.
`;

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'tell what is wrong with this machine or an interface, and what mends it',
  usage: USAGE,
  options: { fd: { type: 'boolean' }, json: { type: 'boolean' } },
  run(args: Arguments, io: Terminal) {
    checkCount(args, 'one INTERFACE', 0, 1);
    const findings = examine(args.positionals[0], { fd: flagOf(args, 'fd') });
    for (const finding of findings) {
      if (flagOf(args, 'json')) io.print(jsonLine(finding));
      else for (const line of linesOf(finding, io)) io.print(line);
    }
    return Promise.resolve(findings.some(({ result }) => result === 'fail') ? 1 : 0);
  },
};

function examine(name: string | undefined, wishes: Wishes): Finding[] {
  const machine = checkMachine();
  if (name !== undefined && isVirtual(name)) {
    // It needs no CAN in the kernel, only what runs this.
    const [runtime] = machine;
    return [...(runtime === undefined ? [] : [ok(runtime.check, runtime.message)]), ...checkInterface(name, wishes)];
  }
  if (machine.some(({ result }) => result === 'fail')) return [...machine, virtualHint()];
  if (name !== undefined) return [...machine, ...checkInterface(name, wishes)];
  const names = listInterfaces().map((each) => each.name);
  if (names.length === 0) {
    const none = fail(
      'interface',
      'there are no CAN interfaces in this network namespace',
      'sudo modprobe vcan && sudo ip link add vcan0 type vcan && sudo ip link set vcan0 up   # a virtual one',
      'sudo dmesg | grep -i can   # what the drivers of adapters say',
    );
    return [...machine, none, virtualHint()];
  }
  return [...machine, ...names.flatMap((each) => checkInterface(each, wishes))];
}

function virtualHint(): Finding {
  return warn(
    'instead',
    'a bus inside a process works without: use virtual:NAME as the interface',
    'socketcan dump virtual:a + gen virtual:a --rate 10 --count 20',
  );
}

const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function linesOf({ check, result, message, fix = [] }: Finding, io: Terminal): string[] {
  const label = colorize(io.stdout, COLORS[result], result.padEnd(4));
  return [`${label}  ${check.padEnd(9)}  ${message}`, ...fix.map((each) => `${' '.repeat(17)}$ ${each}`)];
}
