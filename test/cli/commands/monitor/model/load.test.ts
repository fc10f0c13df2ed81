import { expect } from 'chai';
import * as fc from 'fast-check';
import { HISTORY_SECONDS, Load, loadOf } from '../../../../../src/cli/commands/monitor/model/load';

const SECOND = 1e9;
/** A time with as many digits as an uptime. */
const START = 1e6 * SECOND;

describe('Load', () => {
  it('counts the frames and bits of the last whole second', () => {
    const load = new Load();
    for (let i = 0; i < 10; i++) {
      load.add(START + i * 0.1 * SECOND, { nominal: 100, data: 7 });
    }
    expect(load.current(START + SECOND)).to.deep.equal({
      frames: 10,
      nominalBits: 1000,
      dataBits: 70,
    });
  });

  it('leaves out the current fifth of a second', () => {
    const load = new Load();
    load.add(START + 1.05 * SECOND, { nominal: 100, data: 0 });
    expect(load.current(START + 1.19 * SECOND).frames).to.equal(0);
    expect(load.current(START + 1.2 * SECOND).frames).to.equal(1);
    expect(load.current(START + 2.19 * SECOND).frames).to.equal(1);
    expect(load.current(START + 2.2 * SECOND).frames).to.equal(0);
  });

  it('keeps the seconds of one minute', () => {
    const load = new Load();
    for (let second = 0; second < 200; second++) {
      for (let i = 0; i <= second; i++) {
        load.add(START + second * SECOND, { nominal: 1, data: 0 });
      }
    }
    const end = START + 200 * SECOND;
    for (let back = 0; back < HISTORY_SECONDS; back++) {
      expect(load.second(end, back).frames).to.equal(200 - back);
    }
    expect(load.second(end, HISTORY_SECONDS + 1).frames).to.equal(0);
  });

  it('counts a frame that is 2 s late, and ignores one that is more than a minute late', () => {
    const load = new Load();
    load.add(START, { nominal: 1, data: 0 });
    load.add(START - 2 * SECOND, { nominal: 1, data: 0 });
    load.add(START - 100 * SECOND, { nominal: 1, data: 0 });
    expect(load.second(START + SECOND, 2).frames).to.equal(1);
    const sum = Array.from({ length: 60 }, (_, back) => load.second(START + SECOND, back).frames);
    expect(sum.reduce((a, b) => a + b)).to.equal(2);
  });

  it('is 0 after a silence of any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 10_000 }), (seconds) => {
        const load = new Load();
        load.add(START, { nominal: 1, data: 0 });
        load.add(START + seconds * SECOND, { nominal: 1, data: 0 });
        const now = START + (seconds + 1) * SECOND;
        expect(load.current(now).frames).to.equal(1);
        expect(load.second(now, 1).frames).to.equal(0);
      }),
    );
  });

  it('is 1 for a bus that is always busy', () => {
    expect(loadOf({ frames: 1, nominalBits: 500_000, dataBits: 0 }, 500_000)).to.equal(1);
    expect(loadOf({ frames: 1, nominalBits: 125_000, dataBits: 500_000 }, 500_000, 2e6)).to.equal(0.5);
    expect(loadOf({ frames: 1, nominalBits: 125_000, dataBits: 125_000 }, 500_000)).to.equal(0.5);
  });
});
