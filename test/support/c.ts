import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether this machine has a C compiler; CI has. */
export const hasC = spawnSync('cc', ['--version']).status === 0;

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

/** Evaluates integer expressions by the system's own headers and compiler. */
export function evaluateC(expressions: readonly string[]): Record<string, number> {
  const directory = mkdtempSync(join(tmpdir(), 'socketcan-c-'));
  try {
    const source = join(directory, 'evaluate.c');
    const program = join(directory, 'evaluate');
    writeFileSync(
      source,
      [
        '#define _GNU_SOURCE',
        ...HEADERS.map((header) => `#include <${header}>`),
        'int main(void) {',
        ...expressions.map((expression) => `  printf("%lld\\n", (long long)(${expression}));`),
        '  return 0;',
        '}',
        '',
      ].join('\n'),
    );
    execFileSync('cc', ['-std=gnu11', '-o', program, source], { stdio: 'pipe' });
    const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(
      expressions.map((expression, index) => [expression, Number(lines[index])]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}
