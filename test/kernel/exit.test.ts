import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Traffic } from '../support/guest';

const FIXTURE = join(__dirname, '..', 'support', 'fixtures', `ending${extname(__filename)}`);

/** What the ways to end are to give: an exit code. */
const WAYS = { exit: 7, throw: 1, sigint: 9, unref: 0, close: 0 } as const;

/** Runs the fixture; its exit code, or the signal that ended it. */
async function ending(way: string, moment: number): Promise<number | string> {
  const args = [...process.execArgv, FIXTURE, way, String(moment)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (way !== 'throw' && complaints !== '') return complaints;
  return code ?? signal ?? 'unknown';
}

describe('A process with an open SocketCANMedia', () => {
  // Something to receive, for the moments "when the first frame has come".
  let traffic: Traffic;
  before(() => {
    traffic = new Traffic('vcan1', 5);
  });
  after(() => traffic.stop());

  for (const [way, code] of Object.entries(WAYS)) {
    it(`ends by ${way} with code ${code} while it receives`, async () => {
      expect(await ending(way, -1)).to.equal(code);
    });

    it(`ends by ${way} with code ${code} at six moments while the thread starts`, async () => {
      for (let moment = 0; moment < 300; moment += 50) {
        expect(await ending(way, moment), `after ${moment} ms`).to.equal(code);
      }
    });
  }
});
