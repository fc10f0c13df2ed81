import { expect } from 'chai';
import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { formatLogLine } from '../../src/log/formats/candump';
import type { LogRecord } from '../../src/log/record';
import { formatLog } from '../../src/log/writer';
import { anyFrame, expectError } from '../frame/support';
import { CODE, all, failure } from './support';

describe('formatLog', () => {
  const one = {
    systemNs: 1n,
    interfaceName: 'can0',
    frame: fc.sample(anyFrame, 1)[0],
  } as LogRecord;

  it('joins many lines into a chunk, each like formatLogLine', async () => {
    const records = Array.from({ length: 4000 }, () => one);
    const expected = records.map((each) => `${formatLogLine(each)}\n`).join('');
    const fromArray = await all(formatLog(records));
    const fromStream = await all(formatLog(Readable.from(records) as AsyncIterable<LogRecord>));
    for (const chunks of [fromArray, fromStream]) {
      expect(chunks.join('')).to.equal(expected);
      expect(chunks.length).to.be.below(100);
    }
  });

  it('yields a record before the next arrives', async () => {
    let more: () => void = () => undefined;
    async function* live(): AsyncGenerator<LogRecord> {
      yield one;
      await new Promise<void>((resolve) => (more = resolve));
      yield one;
    }
    const chunks = formatLog(live());
    expect((await chunks.next()).value).to.equal(`${formatLogLine(one)}\n`);
    await turn();
    more();
    expect((await chunks.next()).value).to.equal(`${formatLogLine(one)}\n`);
    expect(await chunks.next()).to.have.property('done', true);
  });

  it('closes the records when the loop ends early', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<LogRecord> {
      try {
        for (;;) {
          await turn();
          yield one;
        }
      } finally {
        closed = true;
      }
    }
    for await (const chunk of formatLog(endless())) {
      expect(chunk).to.include('can0');
      break;
    }
    expect(closed).to.equal(true);
  });

  it('throws the error of the records, and rejects a value that is not a record', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* broken(): AsyncGenerator<LogRecord> {
      throw new Error('the source broke');
    }
    expect((await failure(formatLog(broken()))).message).to.equal('the source broke');
    const error = await failure(formatLog([{ ...one, systemNs: -1n }]));
    expect(error).to.have.property('code', CODE);
    expectError(() => formatLog([], { decimals: 3 as never }), 'RangeError', CODE, '3');
  });
});
