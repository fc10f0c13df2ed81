import { expect } from 'chai';
import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { formatLogLine } from '../../src/log/formats/candump';
import { parseLog, type InvalidLogLine, type LogSource, type ParseLogOptions } from '../../src/log/reader';
import type { LogRecord } from '../../src/log/record';
import { formatLog } from '../../src/log/writer';
import { anyFrame, expectError } from '../frame/support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

const record: fc.Arbitrary<LogRecord> = fc
  .tuple(
    fc.bigInt(0n, 2n ** 63n),
    fc.constantFrom('can0', 'virtual:bus', 'дом0', 'can🚗'),
    anyFrame,
    fc.constantFrom('rx' as const, 'tx' as const, undefined),
  )
  .map(([systemNs, interfaceName, frame, direction]) => {
    const given = { systemNs, interfaceName, frame };
    return direction === undefined ? given : { ...given, direction };
  });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function failure(items: AsyncIterable<unknown>): Promise<Error> {
  try {
    await all(items);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail');
}

/** The text in pieces as a stream delivers it: cut anywhere, also inside a character. */
function cut(text: string, places: readonly number[], asText: boolean): (string | Uint8Array)[] {
  const whole = asText ? text : Buffer.from(text);
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, i) => whole.slice(ends[i - 1] ?? 0, end));
}

const LINES = ['(1.000000) can0 123#AA', '(1.00000x) can0 123#', '(2.000000) can0 124#'];

describe('parseLog and formatLog', () => {
  it('keep every record, wherever the text is cut', async () => {
    const places = fc.array(fc.nat(), { maxLength: 20 });
    const property = fc.asyncProperty(
      fc.array(record, { maxLength: 30 }),
      places,
      fc.boolean(),
      async (records, cuts, asText) => {
        const text = (await all(formatLog(records, { decimals: 9 }))).join('');
        expect(await all(parseLog(cut(text, cuts, asText)))).to.deep.equal(records);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('work in a chain of streams', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => ({
      systemNs: BigInt(i) * 1000n,
      interfaceName: 'can0',
      frame: fc.sample(anyFrame, { numRuns: 1, seed: i })[0] as LogRecord['frame'],
    }));
    expect(await all(parseLog(Readable.from(formatLog(records))))).to.deep.equal(records);
  });
});

describe('formatLog', () => {
  const one = {
    systemNs: 1n,
    interfaceName: 'can0',
    frame: fc.sample(anyFrame, 1)[0],
  } as LogRecord;

  it('joins many lines into a piece, each like formatLogLine', async () => {
    const records = Array.from({ length: 4000 }, () => one);
    const expected = records.map((each) => `${formatLogLine(each)}\n`).join('');
    const fromArray = await all(formatLog(records));
    const fromStream = await all(formatLog(Readable.from(records) as AsyncIterable<LogRecord>));
    for (const pieces of [fromArray, fromStream]) {
      expect(pieces.join('')).to.equal(expected);
      expect(pieces.length).to.be.below(100);
    }
  });

  it('yields a record before the next arrives', async () => {
    let more: () => void = () => undefined;
    async function* live(): AsyncGenerator<LogRecord> {
      yield one;
      await new Promise<void>((resolve) => (more = resolve));
      yield one;
    }
    const pieces = formatLog(live());
    expect((await pieces.next()).value).to.equal(`${formatLogLine(one)}\n`);
    await turn();
    more();
    expect((await pieces.next()).value).to.equal(`${formatLogLine(one)}\n`);
    expect(await pieces.next()).to.have.property('done', true);
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
    for await (const piece of formatLog(endless())) {
      expect(piece).to.include('can0');
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

describe('parseLog', () => {
  const read = (source: LogSource, options?: ParseLogOptions) => all(parseLog(source, options));

  it('skips comments and empty lines, and reads a last line without a line end', async () => {
    const text = `# log\r\n\r\n${LINES[0] ?? ''}\r\n\n${LINES[2] ?? ''}`;
    expect((await read([text])).map(({ frame }) => String(frame))).to.deep.equal(['123#AA', '124#']);
  });

  it('reads a whole log in one piece', async () => {
    const text = `${LINES[0] ?? ''}\n`;
    expect(await read(text)).to.have.lengthOf(1);
    expect(await read(Buffer.from(text))).to.have.lengthOf(1);
    expect(await read('')).to.have.lengthOf(0);
  });

  it('yields the records before a bad line, then throws with its number', async () => {
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

  it('skips and reports bad lines if asked to', async () => {
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

  it('rejects pieces that are neither text nor bytes, and wrong options', async () => {
    const error = await failure(parseLog([5] as never));
    expect(error).to.be.instanceOf(TypeError).and.to.have.property('code', CODE);
    const option = 'ERR_SOCKETCAN_INVALID_OPTION';
    const call = (options: object) => () => parseLog([], options);
    expectError(call({ maxLineLength: 0 }), 'RangeError', option, 'maxLineLength', '0');
    expectError(call({ maxLineLength: '9' }), 'TypeError', option, 'maxLineLength', '"9"');
    expectError(call({ onInvalid: 'no' }), 'TypeError', option, 'onInvalid', '"no"');
  });
});
