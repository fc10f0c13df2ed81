/** A Node.js to run a fixture with. */
export interface NodeVersion {
  /** 20, 22, ... */
  readonly major: number;
  readonly path: string;
}

/** The Node.js that runs the tests. */
export const RUNNING: NodeVersion = {
  major: Number(process.versions.node.split('.')[0]),
  path: process.execPath,
};

/** The versions that scripts/node-versions.mjs found, by major version; without it, the running one. */
export const NODES: readonly NodeVersion[] = Object.entries(
  JSON.parse(process.env['SOCKETCAN_NODES'] ?? JSON.stringify({ [RUNNING.major]: RUNNING.path })) as Record<
    string,
    string
  >,
).map(([major, path]) => ({ major: Number(major), path }));

/** Whether every row is to be run at its full length, as `npm test -- faults --full` does. */
export const FULL = process.env['SOCKETCAN_FAULTS'] === 'full';
