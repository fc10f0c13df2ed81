import { listInterfaces } from '../../../index';
import { isVirtual } from '../../interfaces/virtual';
import { checkCount, flagOf } from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { colorize } from '../../main/output';
import type { Terminal } from '../../main/terminal';
import { jsonLine } from '../../text/json';
import { fail, ok, warn, type Finding } from './finding';
import { checkInterface, type Requirements } from './interface';
import { checkMachine } from './machine';

const USAGE = `
Usage: socketcan doctor [OPTION...] [INTERFACE]

Finds what is wrong with CAN on this machine or with an interface, and prints the commands that fix it.
It changes nothing. Without INTERFACE it checks all CAN interfaces.

      --fd     require CAN FD
      --json   print one line of JSON per check
  -h, --help

Exit code: 0 no check failed (there may be warnings); 1 a check failed; 2 wrong usage.
`;

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'find what is wrong with this machine or an interface, and how to fix it',
  usage: USAGE,
  options: { fd: { type: 'boolean' }, json: { type: 'boolean' } },
  run(args: Arguments, io: Terminal) {
    checkCount(args, 'one INTERFACE', 0, 1);
    const findings = examine(args.positionals[0], { fd: flagOf(args, 'fd') });
    for (const finding of findings) {
      if (flagOf(args, 'json')) io.print(jsonLine(finding));
      else for (const line of formatFinding(finding, io)) io.print(line);
    }
    return Promise.resolve(findings.some(({ result }) => result === 'fail') ? 1 : 0);
  },
};

function examine(name: string | undefined, requirements: Requirements): Finding[] {
  const machine = checkMachine();
  if (name !== undefined && isVirtual(name)) {
    // A virtual bus needs no CAN in the kernel.
    const runtime = machine.slice(0, 1).map(({ check, message }) => ok(check, message));
    return [...runtime, ...checkInterface(name, requirements)];
  }
  if (machine.some(({ result }) => result === 'fail')) return [...machine, virtualHint()];
  if (name !== undefined) return [...machine, ...checkInterface(name, requirements)];
  const names = listInterfaces().map((each) => each.name);
  if (names.length === 0) {
    const none = fail(
      'interface',
      'there are no CAN interfaces in this network namespace',
      'sudo modprobe vcan && sudo ip link add vcan0 type vcan && sudo ip link set vcan0 up   # creates a virtual one',
      'sudo dmesg | grep -i can   # shows messages of the drivers of adapters',
    );
    return [...machine, none, virtualHint()];
  }
  return [...machine, ...names.flatMap((each) => checkInterface(each, requirements))];
}

function virtualHint(): Finding {
  return warn(
    'instead',
    'a bus inside a process works without CAN: use virtual:NAME as the interface',
    'socketcan dump virtual:a + gen virtual:a --rate 10 --count 20',
  );
}

const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function formatFinding({ check, result, message, fix = [] }: Finding, io: Terminal): string[] {
  const label = colorize(io.stdout, COLORS[result], result.padEnd(4));
  return [`${label}  ${check.padEnd(9)}  ${message}`, ...fix.map((each) => `${' '.repeat(17)}$ ${each}`)];
}
