import { expect } from 'chai';
import * as fc from 'fast-check';
import { Coalescing } from '../../src/poller/coalescing';

/** The waits after reads of [frames, ms since the read before]. */
function answers(ms: number, ...reads: readonly (readonly [number, number])[]): number[] {
  let now = 1000;
  const coalescing = new Coalescing(ms, { now: () => BigInt(now * 1e6) });
  return reads.map(([frames, since]) => {
    now += since;
    return coalescing.after(frames);
  });
}

describe('Coalescing', () => {
  it('waits from the fourth read within the time on', () => {
    expect(answers(5, [1, 0], [1, 1], [1, 3.5], [1, 0], [2, 5])).to.deep.equal([0, 0, 0, 5, 5]);
  });

  it('does not wait when four reads take as long as the time', () => {
    expect(answers(6, ...Array.from({ length: 20 }, () => [1, 2] as const))).to.deep.equal(
      new Array<number>(20).fill(0),
    );
  });

  it('waits from the fourth read after a late one on', () => {
    const soon = [1, 1] as const;
    expect(answers(5, soon, soon, soon, [1, 5], soon, soon, soon)).to.deep.equal([0, 0, 0, 0, 0, 0, 5]);
  });

  it('stops waiting when fewer than two frames arrive in the time, and starts over', () => {
    const soon = [1, 1] as const;
    expect(
      answers(5, soon, soon, soon, soon, [2, 5], [1, 5], soon, soon, soon),
      'a frame, the first of the next four',
    ).to.deep.equal([0, 0, 0, 5, 5, 0, 0, 0, 5]);
    expect(answers(5, soon, soon, soon, soon, [2, 5], [0, 5], soon, soon, soon, soon), 'no frame').to.deep.equal([
      0, 0, 0, 5, 5, 0, 0, 0, 0, 5,
    ]);
  });

  it('forgets the reads before a wait when a single frame ends it early', () => {
    const soon = [1, 1] as const;
    const early = [1, 0.5] as const;
    expect(answers(5, soon, soon, soon, soon, early, early, early, early)).to.deep.equal([0, 0, 0, 5, 0, 0, 0, 5]);
  });

  it('ignores reads without frames, which an error or a drain() causes', () => {
    const nothing = [0, 1] as const;
    expect(answers(5, ...Array.from({ length: 9 }, () => nothing), [1, 1])).to.deep.equal(
      new Array<number>(10).fill(0),
    );
    expect(answers(7, [1, 0], nothing, [1, 1], nothing, [1, 1], nothing, [1, 1])).to.deep.equal([0, 0, 0, 0, 0, 0, 7]);
  });

  const reads = fc.array(
    // Eighths of a ms, which are exact in binary and in ns.
    fc.tuple(
      fc.nat({ max: 3 }),
      fc.nat({ max: 160 }).map((eighths) => eighths / 8),
    ),
    { maxLength: 60 },
  );

  it('never waits with a time of 0 ms', () => {
    fc.assert(
      fc.property(reads, (list) => {
        expect(answers(0, ...list).every((ms) => ms === 0)).to.equal(true);
      }),
    );
  });

  it('waits its time or 0, and only in a burst: four reads within its time, or two frames', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), reads, (ms, list) => {
        const given = answers(ms, ...list);
        given.forEach((wait, index) => {
          expect(wait === 0 || wait === ms).to.equal(true);
          if (wait === 0) return;
          const goesOn = index > 0 && given[index - 1] === ms;
          const [frames] = list[index] as [number, number];
          if (goesOn) expect(frames).to.be.at.least(2);
          else {
            expect(frames).to.be.at.least(1);
            let reads = 0;
            let age = 0;
            for (let at = index; at >= 0 && age < ms && reads < 4; at--) {
              const [count, since] = list[at] as [number, number];
              if (count > 0) reads++;
              age += since;
            }
            expect(reads).to.equal(4);
          }
        });
      }),
    );
  });
});
