import { expect } from 'chai';
import * as fc from 'fast-check';
import { DataFrame, ErrorFrame, FrameFormat, RemoteFrame, type Frame } from '../../../src/frame';
import { Echoes } from '../../../src/socket/transmit/echoes';
import type { Timestamp } from '../../../src/socket/timestamp';
import { awaiting } from '../../support/fakes/awaiting';

const { Base, Extended } = FrameFormat;
const frame = (identifier: number, ...data: number[]) =>
  new DataFrame(Extended, identifier, new Uint8Array(data));

const AT: Timestamp = { systemNs: 2n, monotonicNs: 1n };

/** Whether the echo that has come was wanted; undefined: it is of no frame that was sent. */
const wantedOf = (echoes: Echoes, echo: Frame): boolean | undefined =>
  echoes.match(echo, AT)?.wanted;

describe('Echoes', () => {
  it('are matched first in, first out, equal frames too', () => {
    const echoes = new Echoes();
    const wishes = [true, false, false, true, false];
    for (const wanted of wishes) echoes.expect(awaiting(frame(1, 2), wanted));
    expect(wishes.map(() => wantedOf(echoes, frame(1, 2)))).to.deep.equal(wishes);
    expect(echoes.pending).to.equal(0);
  });

  it('are unwanted when nothing was sent, or nothing like it', () => {
    const echoes = new Echoes();
    expect(wantedOf(echoes, frame(1))).to.equal(undefined);
    echoes.expect(awaiting(frame(1), true));
    expect(wantedOf(echoes, frame(2))).to.equal(undefined);
    expect(echoes.pending, 'the one that was sent still waits').to.equal(1);
    expect(wantedOf(echoes, frame(1))).to.equal(true);
  });

  it('pass over frames that were lost before them', () => {
    const echoes = new Echoes();
    for (let i = 0; i < 5; i++) echoes.expect(awaiting(frame(i), true));
    expect(wantedOf(echoes, frame(3))).to.equal(true);
    expect(echoes.pending).to.equal(1);
    expect(wantedOf(echoes, frame(0)), 'an echo of a frame passed over').to.equal(undefined);
    expect(wantedOf(echoes, frame(4))).to.equal(true);
  });

  it('tell frames apart by everything that is on the wire', () => {
    const data = new Uint8Array([1, 2, 3]);
    const sent = new DataFrame(Base, 0x123, data);
    const others = [
      new DataFrame(Extended, 0x123, data),
      new DataFrame(Base, 0x124, data),
      new DataFrame(Base, 0x123, new Uint8Array([1, 2])),
      new DataFrame(Base, 0x123, new Uint8Array([1, 2, 4])),
      new DataFrame(Base, 0x123, data, { fd: true }),
      new RemoteFrame(Base, 0x123, 3),
      new ErrorFrame(0x123, new Uint8Array(8)),
    ];
    for (const other of others) {
      const echoes = new Echoes();
      echoes.expect(awaiting(sent, true));
      expect(wantedOf(echoes, other), String(other)).to.equal(undefined);
      expect(wantedOf(echoes, new DataFrame(Base, 0x123, data))).to.equal(true);
    }
  });

  it('of remote frames are matched by format and identifier', () => {
    const echoes = new Echoes();
    echoes.expect(awaiting(new RemoteFrame(Base, 5, 2), true));
    expect(wantedOf(echoes, new DataFrame(Base, 5, new Uint8Array(2)))).to.equal(undefined);
    expect(wantedOf(echoes, new RemoteFrame(Extended, 5, 2))).to.equal(undefined);
    expect(wantedOf(echoes, new RemoteFrame(Base, 5, 2))).to.equal(true);
  });

  it('of error frames are none', () => {
    const echoes = new Echoes();
    const error = new ErrorFrame(4, new Uint8Array(8));
    echoes.expect(awaiting(error, true));
    expect(wantedOf(echoes, error)).to.equal(undefined);
  });

  it('are told to who waits for them, with their time, and those that are passed over without', () => {
    const echoes = new Echoes();
    const told: [number, Timestamp | undefined][] = [];
    const confirms = { echoed: (...what: (typeof told)[number]) => told.push(what) };
    for (let i = 0; i < 6; i++) echoes.expect(awaiting(frame(i), false, confirms, 10 + i));
    echoes.expect(awaiting(frame(6), true));
    echoes.match(frame(99), AT);
    expect(told).to.deep.equal([]);
    echoes.match(frame(2), AT);
    expect(told).to.deep.equal([
      [10, undefined],
      [11, undefined],
      [12, AT],
    ]);
    expect(echoes.match(frame(1), AT), 'too late').to.equal(undefined);
    echoes.clear();
    expect(told.slice(3)).to.deep.equal([
      [13, undefined],
      [14, undefined],
      [15, undefined],
    ]);
    expect(echoes.pending).to.equal(0);
  });

  it('are told not to come when so many frames were sent that they are forgotten', () => {
    const echoes = new Echoes();
    const told: number[] = [];
    const confirms = { echoed: (index: number) => told.push(index) };
    for (let i = 0; i < 65_536 + 3; i++) echoes.expect(awaiting(frame(i), false, confirms, i));
    expect(told).to.deep.equal([0, 1, 2]);
  });

  it('are remembered up to 65,536, the newest', () => {
    const echoes = new Echoes();
    for (let i = 0; i < 65_536 + 10; i++) echoes.expect(awaiting(frame(i), true));
    expect(echoes.pending).to.equal(65_536);
    expect(wantedOf(echoes, frame(9))).to.equal(undefined);
    expect(wantedOf(echoes, frame(10))).to.equal(true);
    expect(wantedOf(echoes, frame(65_545))).to.equal(true);
  });

  it('are told apart as by a plain list, whatever was lost', () => {
    const step = fc.record({
      send: fc.boolean(),
      identifier: fc.nat({ max: 3 }),
      wanted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat({ max: 3000 }), (steps, old) => {
        const echoes = new Echoes();
        // A long past, so that the memory is tidied up in between.
        for (let i = 0; i < old; i++) {
          echoes.expect(awaiting(frame(1000), true));
          echoes.match(frame(1000), AT);
        }
        let list: { identifier: number; wanted: boolean }[] = [];
        for (const { send, identifier, wanted } of steps) {
          if (send) {
            echoes.expect(awaiting(frame(identifier), wanted));
            list.push({ identifier, wanted });
          } else {
            const at = list.findIndex((each) => each.identifier === identifier);
            expect(wantedOf(echoes, frame(identifier))).to.equal(list[at]?.wanted);
            list = list.slice(at + 1);
          }
          expect(echoes.pending).to.equal(list.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are given up before a time, so that those of equal frames afterwards find their own', () => {
    const echoes = new Echoes();
    const told: string[] = [];
    const waits = (name: string) => ({
      echoed: (_: number, at: unknown) =>
        told.push(`${name} ${at === undefined ? 'lost' : 'back'}`),
    });
    const at = { systemNs: 0n, monotonicNs: 0n };
    const frame = new DataFrame(FrameFormat.Base, 1, new Uint8Array());
    echoes.expect(awaiting(frame, false, waits('first'), 0, 10n));
    echoes.expect(awaiting(frame, false, waits('second'), 0, 20n));
    echoes.giveUp(20n);
    echoes.match(frame, at);
    expect(told).to.deep.equal(['first lost', 'second back']);
    expect(echoes.pending).to.equal(0);
  });
});
