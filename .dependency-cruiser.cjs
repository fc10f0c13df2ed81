/**
 * Which file may import which, type-only imports included. `npm run lint:imports` checks it, and
 * docs/architecture.md shows the same table.
 */

/** Files and folders that import only one another. Every room may import them. */
const LEAVES = ['errors', 'abort', 'uncaught', 'clock', 'timestamp', 'send-result', 'hex', 'receive-buffer', 'options'];

/**
 * Each room of src: its path, what it may import besides itself and the leaves, and the reason.
 *
 * @type {readonly (readonly [room: string, imports: readonly string[], why: string])[]}
 */
const ROOMS = [
  ['libc', [], 'It wraps system calls. It knows nothing about what uses them.'],
  ['frame', [], 'It is pure: values and bytes, no system calls.'],
  ['log', ['frame'], 'A log is text or bytes about frames. It needs no socket.'],
  ['poller', ['libc'], 'It moves bytes from descriptors to rings, whatever the protocol.'],
  ['netlink', ['poller', 'libc'], 'Interfaces exist without CAN sockets.'],
  ['channel', ['netlink', 'poller', 'libc'], 'All PF_CAN protocols share it, so it knows neither CAN_RAW nor frames.'],
  ['raw/endpoint', ['channel', 'netlink/link', 'libc'], 'It is the contract between CANSocket and a bus.'],
  ['raw/kernel', ['raw/endpoint', 'channel', 'netlink', 'poller', 'libc'], 'The kernel is one bus of several.'],
  [
    'virtual',
    ['raw/endpoint', 'channel/endpoint', 'netlink/link', 'poller', 'libc', 'frame'],
    'It implements the contracts of a bus, so it must not know the sockets above them.',
  ],
  [
    'interfaces',
    ['raw/endpoint', 'raw/kernel', 'virtual', 'netlink', 'poller'],
    'It is the only place that maps an interface name to an implementation.',
  ],
  [
    'raw',
    ['interfaces', 'raw/endpoint', 'channel', 'netlink', 'poller', 'libc', 'frame'],
    'It reaches a bus only through src/interfaces.ts.',
  ],
  ['media', ['raw', 'channel', 'netlink', 'frame'], 'It is a layer over CANSocket.'],
  [
    'index',
    ['media', 'raw', 'virtual', 'channel', 'netlink', 'poller', 'log', 'frame', 'libc'],
    'It exports the public names. The command line is not one of them.',
  ],
  ['cli', ['index'], 'The command line uses what users can use.'],
];

/** Where a program starts: the package, the command, and the worker thread. */
const ENTRIES = '^src/(index|cli/main/bin|poller/thread)\\.ts$';

/**
 * Matches the file or the folder at a path, without the rooms inside it.
 *
 * @param {string} path
 */
function pattern(path) {
  const inner = ROOMS.map(([room]) => room).filter((room) => room.startsWith(`${path}/`));
  const without = inner.map((room) => `(?!${room.slice(path.length)}(/|\\.ts$))`).join('');
  return `^src/${path}${without}(/|\\.ts$)`;
}

const leaves = LEAVES.map(pattern);

const rooms = ROOMS.map(([room, imports, why]) => ({
  name: `imports-of-${room}`,
  comment:
    `${room} ─▶ ${imports.join(', ') || 'leaves only'}. ${why} ` +
    'Move the code to a room that may import this, or pass the value in as an argument.',
  severity: 'error',
  from: { path: pattern(room) },
  to: { path: '^src/', pathNot: [pattern(room), ...imports.map(pattern), ...leaves] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'imports-of-leaves',
      comment: 'Every room may import a leaf, so a leaf imports only other leaves.',
      severity: 'error',
      from: { path: leaves },
      to: { path: '^src/', pathNot: leaves },
    },
    {
      name: 'new-room',
      comment:
        'Every file of src belongs to a room or is a leaf. Add a new one to the table in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...ROOMS.map(([room]) => pattern(room)), ...leaves] },
      to: {},
    },
    {
      name: 'no-cycles',
      comment: 'Two files that import each other are one. Move what both need to a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-folder-index',
      comment: 'Import each name from the file that defines it. src/index.ts, the public interface, is the only index.',
      severity: 'error',
      from: {},
      to: { path: '^src/.+/index\\.ts$' },
    },
    {
      name: 'no-unused-file',
      comment: 'No program needs this file. Remove it, or move it to the tests if only they import it.',
      severity: 'error',
      from: { path: ENTRIES },
      to: { path: '^src/', pathNot: [ENTRIES, '\\.d\\.ts$'], reachable: false },
    },
    {
      name: 'koffi-in-libc',
      comment: 'Only src/libc calls foreign functions. Add a function there that checks its arguments.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/libc/' },
      to: { path: '(^|/)(koffi|ref-struct-di)(/|$)' },
    },
    {
      name: 'one-dependency',
      comment: 'koffi is the only dependency. The build bundles ref-struct-di.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '(^|/)node_modules/', pathNot: '(^|/)node_modules/(koffi|ref-struct-di)/' },
    },
    {
      name: 'src-only',
      comment: 'The package contains only src. Move what it needs there.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts)/' },
    },
    {
      name: 'examples-use-the-package',
      comment: 'An example imports only public names, from src/index.ts.',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'commands-in-one-table',
      comment: 'Only src/cli/main/commands.ts and the files that start it know the commands.',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/(main/(bin|main|commands)\\.ts$|commands/)' },
      to: { path: '^src/cli/commands/' },
    },
    {
      name: 'commands-apart',
      comment: 'No command imports another. Move what both need to a folder of src/cli outside of commands.',
      severity: 'error',
      from: { path: '^src/cli/commands/([^/]+)/' },
      to: { path: '^src/cli/commands/', pathNot: '^src/cli/commands/$1/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(^|/)node_modules/' },
  },
};
