import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagesFor, type Machine } from './machines';

/** Returns a message if the compiler or the headers for a machine are missing; otherwise undefined. */
export function missingCompiler(machine: Machine): string | undefined {
  try {
    evaluateC(['1'], machine);
    return undefined;
  } catch {
    const install = `sh scripts/install-packages.sh ${packagesFor(machine).join(' ')}`;
    return `No C compiler or headers for ${machine.name}. Install them as root: ${install}`;
  }
}

const HEADERS = [
  'sys/socket.h',
  'sys/uio.h',
  'sys/un.h',
  'sys/eventfd.h',
  'sys/ioctl.h',
  'sys/time.h',
  'errno.h',
  'net/if.h',
  'poll.h',
  'stddef.h',
  'stdio.h',
  'time.h',
  'linux/can.h',
  'linux/can/error.h',
  'linux/can/netlink.h',
  'linux/can/raw.h',
  'linux/ethtool.h',
  'linux/if.h',
  'linux/if_arp.h',
  'linux/if_link.h',
  'linux/net_tstamp.h',
  'linux/netlink.h',
  'linux/rtnetlink.h',
  'linux/sock_diag.h',
  'linux/sockios.h',
  'linux/time_types.h',
  'linux/version.h',
];

/**
 * Evaluates constant integer expressions with the compiler and the headers of a machine. It reads the values from the
 * object file and runs no program, so the machine may be another one than this.
 */
export function evaluateC(expressions: readonly string[], { prefix }: Pick<Machine, 'prefix'>): Record<string, number> {
  const directory = mkdtempSync(join(tmpdir(), 'socketcan-c-'));
  try {
    const [source, object, values] = ['evaluate.c', 'evaluate.o', 'values'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(
      source,
      [
        '#define _GNU_SOURCE',
        ...HEADERS.map((header) => `#include <${header}>`),
        'const long long values[] __attribute__((section(".values"))) = {',
        ...expressions.map((expression) => `  (long long)(${expression}),`),
        '};',
        '',
      ].join('\n'),
    );
    execFileSync(`${prefix}gcc`, ['-std=gnu11', '-c', '-o', object, source], { stdio: 'pipe' });
    execFileSync(`${prefix}objcopy`, ['-O', 'binary', '-j', '.values', object, values]);
    const bytes = readFileSync(values);
    return Object.fromEntries(
      // All machines in ./machines are little-endian.
      expressions.map((expression, index) => [expression, Number(bytes.readBigInt64LE(8 * index))]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}
