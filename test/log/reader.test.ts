import { expect } from 'chai';
import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import { parseLog, type InvalidLogLine, type LogSource, type ParseLogOptions } from '../../src/log/reader';
import type { LogRecord } from '../../src/log/record';
import { formatLog } from '../../src/log/writer';
import { anyFrame, expectError } from '../frame/support';
import { CODE, all, failure, record } from './support';

const LINES = ['(1.000000) can0 123#AA', '(1.00000x) can0 123#', '(2.000000) can0 124#'];

describe('parseLog', () => {
  const read = (source: LogSource, options?: ParseLogOptions) => all(parseLog(source, options));

  it('skips comments and empty lines, and reads a last line without a line end', async () => {
    const text = `# log\r\n\r\n${LINES[0] ?? ''}\r\n\n${LINES[2] ?? ''}`;
    expect((await read([text])).map(({ frame }) => String(frame))).to.deep.equal(['123#AA', '124#']);
  });

  it('reads a whole log as one string or Uint8Array', async () => {
    const text = `${LINES[0] ?? ''}\n`;
    expect(await read(text)).to.have.lengthOf(1);
    expect(await read(Buffer.from(text))).to.have.lengthOf(1);
    expect(await read('')).to.have.lengthOf(0);
  });

  it('yields the records before an invalid line, then throws an error with its number', async () => {
    const records: LogRecord[] = [];
    const reading = (async () => {
      for await (const each of parseLog([LINES.join('\n')])) records.push(each);
    })();
    const error = await reading.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(RangeError).and.to.have.property('code', CODE);
    expect((error as Error).message).to.match(/^Line 2 of the log: "\(1\.00000x\) can0 123#"/);
    expect(records).to.have.lengthOf(1);
  });

  it('skips invalid lines, or passes them to a function, as onInvalid says', async () => {
    expect(await read([LINES.join('\n')], { onInvalid: 'skip' })).to.have.lengthOf(2);
    const reported: InvalidLogLine[] = [];
    await read([LINES.join('\n')], { onInvalid: (line) => reported.push(line) });
    expect(reported.map(({ lineNumber, text }) => [lineNumber, text])).to.deep.equal([[2, LINES[1]]]);
  });

  it('stores at most maxLineLength characters of a line', async () => {
    const long = ['(1.0', ...Array.from({ length: 500 }, () => '0'.repeat(1000)), '\n'];
    const text = [`${LINES[0] ?? ''}\n`, ...long, `${LINES[2] ?? ''}\n`];
    const error = await failure(parseLog(text));
    expect(error.message).to.match(/^Line 2 of the log: it is longer than 4096 characters/);
    const reported: InvalidLogLine[] = [];
    const records = await read(text, {
      maxLineLength: 50,
      onInvalid: (line) => reported.push(line),
    });
    expect(records.map(({ frame }) => String(frame))).to.deep.equal(['123#AA', '124#']);
    expect(reported.map((line) => [line.lineNumber, line.text.length])).to.deep.equal([[2, 50]]);
    expect(await read([`${LINES[0] ?? ''}\n`], { maxLineLength: 22 })).to.have.lengthOf(1);
  });

  it('closes its source when the loop ends early', async () => {
    const source = Readable.from([LINES.join('\n'), LINES.join('\n')]);
    for await (const { systemNs } of parseLog(source)) {
      expect(systemNs).to.equal(1_000_000_000n);
      break;
    }
    expect(source.destroyed).to.equal(true);
  });

  it('rejects chunks that are neither strings nor Uint8Arrays, and invalid options', async () => {
    const error = await failure(parseLog([5] as never));
    expect(error).to.be.instanceOf(TypeError).and.to.have.property('code', CODE);
    const option = 'ERR_SOCKETCAN_INVALID_OPTION';
    const call = (options: object) => () => parseLog([], options);
    expectError(call({ maxLineLength: 0 }), 'RangeError', option, 'maxLineLength', '0');
    expectError(call({ maxLineLength: '9' }), 'TypeError', option, 'maxLineLength', '"9"');
    expectError(call({ onInvalid: 'no' }), 'TypeError', option, 'onInvalid', '"no"');
    expectError(() => parseLog([], null as never), 'TypeError', option, 'options', 'null');
  });
});

/** Splits a text into chunks as a stream does: anywhere, also inside a character. */
function split(text: string, places: readonly number[], asText: boolean): (string | Uint8Array)[] {
  const whole = asText ? text : Buffer.from(text);
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, i) => whole.slice(ends[i - 1] ?? 0, end));
}

describe('parseLog with formatLog', () => {
  it('reads back every record, wherever the text is split', async () => {
    const property = fc.asyncProperty(
      fc.array(record, { maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      fc.boolean(),
      async (records, places, asText) => {
        const text = (await all(formatLog(records, { decimals: 9 }))).join('');
        expect(await all(parseLog(split(text, places, asText)))).to.deep.equal(records);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('reads the stream of formatLog', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => ({
      systemNs: BigInt(i) * 1000n,
      interfaceName: 'can0',
      frame: fc.sample(anyFrame, { numRuns: 1, seed: i })[0] as LogRecord['frame'],
    }));
    expect(await all(parseLog(Readable.from(formatLog(records))))).to.deep.equal(records);
  });
});
