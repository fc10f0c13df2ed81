/** Node with nothing in it: what the memory and the time to the first frame of others are above. */
import { createInterface } from 'node:readline';
import { footprint, parseArguments, say } from './protocol.mjs';

const atNs = String(process.hrtime.bigint());
createInterface({ input: process.stdin }).on('line', () => process.exit(0));
say(parseArguments().role === 'probe' ? 'AVAILABLE' : 'READY');
if (parseArguments().role === 'probe') process.exit(0);
// As long after the start as the others are asked.
setTimeout(() => say(`RESULT ${JSON.stringify({ atNs, ...footprint() })}`), 300);
