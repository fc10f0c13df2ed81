import { readFileSync } from 'node:fs';
import { AHEAD } from './ahead.mjs';
import { cpus, loadavg, release } from 'node:os';

/** Where a run took place, for its tables. */
export function machine(venue) {
  const kernel = release();
  const name = /uml/i.test(kernel + cpus()[0]?.model)
    ? 'uml'
    : /QEMU|TCG/.test(cpus()[0]?.model ?? '')
      ? 'qemu'
      : 'native';
  const guest = { uml: ', user-mode Linux guest', qemu: ', QEMU guest (emulated)', native: '' }[name];
  const where =
    venue === 'unix' ? 'local sockets (AF_UNIX) in place of CAN: user-space cost' : `CAN of the kernel (vcan)${guest}`;
  return {
    kind: venue,
    venue: venue === 'unix' ? 'unix' : name,
    where,
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    kernel,
    node: process.version,
    ahead: AHEAD.length > 0,
    load: loadavg().map((each) => Number(each.toFixed(2))),
    version: JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
  };
}
