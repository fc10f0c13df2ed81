import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built } from '../harness/venue.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const node = (file) => [process.execPath, join(here, file)];
/** Debian's, for which python3-can is installed, and not another that is first in the PATH. */
const python = (file) => [existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3', join(here, file)];
const variant = (options) => ({ variant: JSON.stringify(options) });

/** The option of CANSocket that gathers frames for a while, as it is measured here. */
const BATCHING = { coalesceMs: 1 };

/** All that a contender can be asked for. */
const ALL = ['receive', 'send', 'pong', 'first'];

/**
 * @typedef {object} Contender
 * @property {string} name as in the tables
 * @property {string[]} command
 * @property {Record<string, unknown>} args
 * @property {readonly string[]} roles
 * @property {boolean} [ours]
 * @property {Record<string, string>} [c] it is a program of ../c, by role
 * @property {(frames: number) => string[]} [tool] it knows nothing of the protocol: its command for so many frames
 * @property {readonly string[]} [onlyFor] names of work
 * @property {boolean} [node] a package for Node
 * @property {boolean} [batches] whether it has a way to send many frames with one call
 */

/** @type {readonly Contender[]} The first is the baseline of every work item. */
export const CONTENDERS = [
  {
    name: 'C recvmsg/write',
    command: [],
    c: { receive: 'receive', send: 'send', pong: 'send' },
    args: { mode: 'recvmsg' },
    roles: ['receive', 'send', 'pong'],
  },
  {
    name: 'C recvmmsg/sendmmsg',
    command: [],
    c: { receive: 'receive', send: 'send' },
    args: { mode: 'recvmmsg' },
    roles: ['receive', 'send'],
    batches: true,
  },
  {
    name: 'CANSocket, thread',
    command: node('ours.mjs'),
    args: variant({}),
    roles: ALL,
    ours: true,
    batches: true,
  },
  {
    name: 'CANSocket, loop',
    command: node('ours.mjs'),
    args: variant({ poller: 'loop' }),
    roles: ALL,
    ours: true,
    batches: true,
  },
  {
    name: 'SocketCANMedia, thread',
    command: node('media.mjs'),
    args: variant({}),
    roles: ALL,
    ours: true,
    batches: true,
  },
  {
    name: 'SocketCANMedia, loop',
    command: node('media.mjs'),
    args: variant({ poller: 'loop' }),
    roles: ALL,
    ours: true,
    batches: true,
  },
  {
    name: 'CANSocket, thread, batching 1 ms',
    command: node('ours.mjs'),
    args: variant(BATCHING),
    roles: ['receive'],
    ours: true,
    onlyFor: ['paced-10k', 'paced-4k', 'paced-1k', 'drain-classic'],
  },
  {
    name: 'CANSocket, loop, batching 1 ms',
    command: node('ours.mjs'),
    args: variant({ poller: 'loop', ...BATCHING }),
    roles: ['receive'],
    ours: true,
    onlyFor: ['paced-10k', 'paced-4k', 'paced-1k', 'drain-classic'],
  },
  {
    name: 'npm socketcan',
    command: node('socketcan.mjs'),
    args: {},
    roles: ALL,
    node: true,
  },
  {
    name: 'Python socket',
    command: python('raw_socket.py'),
    args: {},
    roles: ['receive', 'send', 'pong'],
  },
  {
    name: 'python-can',
    command: python('python_can.py'),
    args: {},
    roles: ['receive', 'send', 'pong'],
  },
  {
    name: 'candump, to /dev/null',
    command: [],
    tool: (frames) => ['candump', 'vcan0', '-n', String(frames)],
    args: {},
    roles: ['receive'],
  },
  {
    name: 'cangen',
    command: [],
    tool: (frames) => `cangen vcan0 -g 0 -i -I 123 -L 8 -D i -n ${frames}`.split(' '),
    args: {},
    roles: ['send'],
  },
];

export const BARE = { name: 'bare Node', command: node('bare.mjs'), args: {}, roles: [] };

/** The command of a contender in a role. */
export function inRole(contender, role) {
  const program = contender.c?.[role];
  return program === undefined ? contender : { ...contender, command: [join(built, program)] };
}

function missingTool(program) {
  const there = process.env.PATH?.split(':').some((folder) => existsSync(join(folder, program)));
  return there ? undefined : `no ${program} (Debian: can-utils)`;
}

/** Why a contender cannot take part here; undefined: it can. */
export function missing({ command, args, c, tool }) {
  if (c !== undefined) return undefined;
  if (tool !== undefined) return missingTool(tool(1)[0]);
  const words = Object.entries(args).map(([name, value]) => `${name}=${value}`);
  const probe = command[0].endsWith('python3')
    ? [command[0], '-c', command[1].includes('python_can') ? 'import can' : 'import socket']
    : [...command, 'role=probe', ...words];
  try {
    const said = execFileSync(probe[0], probe.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    return /^MISSING (.*)$/m.exec(String(said))?.[1];
  } catch (error) {
    const lines = String(error.stderr).trim().split('\n');
    return lines.find((line) => /^\w*Error/.test(line)) ?? lines.at(-1);
  }
}
