import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ABI } from '../../../src/libc/ref';

/** A machine for which C is compiled, by the compiler and the headers of a Debian package. */
export interface Target {
  readonly name: string;
  /** Before the names of the compiler and its tools: `arm-linux-gnueabihf-`. */
  readonly prefix: string;
  readonly abi: ABI;
}

const LP64: ABI = { pointer: 8, long: 8, alignofInt64: 8 };

/** The machines Node runs on whose compilers Debian has. */
export const TARGETS: readonly Target[] = [
  {
    name: '32-bit ARM',
    prefix: 'arm-linux-gnueabihf-',
    abi: { pointer: 4, long: 4, alignofInt64: 8 },
  },
  { name: '64-bit ARM', prefix: 'aarch64-linux-gnu-', abi: LP64 },
  { name: '64-bit RISC-V', prefix: 'riscv64-linux-gnu-', abi: LP64 },
];

/** Whether there is a compiler for a machine, by default for this one; in CI there must be. */
export function hasCompiler({ prefix }: Pick<Target, 'prefix'> = { prefix: '' }): boolean {
  const isCI = process.env['CI'] === 'true';
  return isCI || spawnSync(`${prefix}gcc`, ['--version']).status === 0;
}

/** Whether this machine has a C compiler; CI has. */
export const hasC = hasCompiler();

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
];

/**
 * Evaluates constant integer expressions by the headers and the compiler of a machine, by default of
 * this one. Nothing is run: the values are read out of the object file, so it need not be this machine.
 */
export function evaluateC(
  expressions: readonly string[],
  { prefix }: Pick<Target, 'prefix'> = { prefix: '' },
): Record<string, number> {
  const directory = mkdtempSync(join(tmpdir(), 'socketcan-c-'));
  try {
    const [source, object, values] = ['evaluate.c', 'evaluate.o', 'values'].map((name) =>
      join(directory, name),
    ) as [string, string, string];
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
      // Little-endian, as all machines are that Node runs on but s390x.
      expressions.map((expression, index) => [expression, Number(bytes.readBigInt64LE(8 * index))]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}
