import { expect } from 'chai';
import * as fc from 'fast-check';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { FrameFormat } from '../../../src/frame/format';
import type { Frame } from '../../../src/frame/frame';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { Echoes } from '../../../src/raw/receive/echoes';
import type { Timestamp } from '../../../src/timestamp';
import { awaiting } from '../../support/fakes/awaiting';

const { Base, Extended } = FrameFormat;
const frame = (identifier: number, ...data: number[]) => new DataFrame(Extended, identifier, new Uint8Array(data));

const AT: Timestamp = { systemNs: 2n, monotonicNs: 1n };

/** Whether the sent frame of an echo was wanted; undefined: it matches no sent frame. */
const wantedOf = (echoes: Echoes, echo: Frame): boolean | undefined => echoes.match(echo, AT)?.wanted;

describe('Echoes', () => {
  it('match equal frames first in, first out', () => {
    const echoes = new Echoes();
    const wishes = [true, false, false, true, false];
    for (const wanted of wishes) echoes.expect(awaiting(frame(1, 2), wanted));
    expect(wishes.map(() => wantedOf(echoes, frame(1, 2)))).to.deep.equal(wishes);
    expect(echoes.pending).to.equal(0);
  });

  it('match nothing when no such frame was sent', () => {
    const echoes = new Echoes();
    expect(wantedOf(echoes, frame(1))).to.equal(undefined);
    echoes.expect(awaiting(frame(1), true));
    expect(wantedOf(echoes, frame(2))).to.equal(undefined);
    expect(echoes.pending, 'the sent frame still waits').to.equal(1);
    expect(wantedOf(echoes, frame(1))).to.equal(true);
  });

  it('skip the frames sent before the matching one, which are lost', () => {
    const echoes = new Echoes();
    for (let i = 0; i < 5; i++) echoes.expect(awaiting(frame(i), true));
    expect(wantedOf(echoes, frame(3))).to.equal(true);
    expect(echoes.pending).to.equal(1);
    expect(wantedOf(echoes, frame(0)), 'an echo of a skipped frame').to.equal(undefined);
    expect(wantedOf(echoes, frame(4))).to.equal(true);
  });

  it('distinguish frames by everything that is on the wire', () => {
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

  it('match remote frames by format and identifier', () => {
    const echoes = new Echoes();
    echoes.expect(awaiting(new RemoteFrame(Base, 5, 2), true));
    expect(wantedOf(echoes, new DataFrame(Base, 5, new Uint8Array(2)))).to.equal(undefined);
    expect(wantedOf(echoes, new RemoteFrame(Extended, 5, 2))).to.equal(undefined);
    expect(wantedOf(echoes, new RemoteFrame(Base, 5, 2))).to.equal(true);
  });

  it('never match an error frame', () => {
    const echoes = new Echoes();
    const error = new ErrorFrame(4, new Uint8Array(8));
    echoes.expect(awaiting(error, true));
    expect(wantedOf(echoes, error)).to.equal(undefined);
  });

  it('report the time of each echo to its call, and undefined for skipped frames', () => {
    const echoes = new Echoes();
    const reported: [number, Timestamp | undefined][] = [];
    const confirms = { echoed: (...what: (typeof reported)[number]) => reported.push(what) };
    for (let i = 0; i < 6; i++) echoes.expect(awaiting(frame(i), false, confirms, 10 + i));
    echoes.expect(awaiting(frame(6), true));
    echoes.match(frame(99), AT);
    expect(reported).to.deep.equal([]);
    echoes.match(frame(2), AT);
    expect(reported).to.deep.equal([
      [10, undefined],
      [11, undefined],
      [12, AT],
    ]);
    expect(echoes.match(frame(1), AT), 'too late').to.equal(undefined);
    echoes.clear();
    expect(reported.slice(3)).to.deep.equal([
      [13, undefined],
      [14, undefined],
      [15, undefined],
    ]);
    expect(echoes.pending).to.equal(0);
  });

  it('report the oldest frame as lost when more than 65,536 wait', () => {
    const echoes = new Echoes();
    const reported: number[] = [];
    const confirms = { echoed: (index: number) => reported.push(index) };
    for (let i = 0; i < 65_536 + 3; i++) echoes.expect(awaiting(frame(i), false, confirms, i));
    expect(reported).to.deep.equal([0, 1, 2]);
  });

  it('keep the newest 65,536 frames', () => {
    const echoes = new Echoes();
    for (let i = 0; i < 65_536 + 10; i++) echoes.expect(awaiting(frame(i), true));
    expect(echoes.pending).to.equal(65_536);
    expect(wantedOf(echoes, frame(9))).to.equal(undefined);
    expect(wantedOf(echoes, frame(10))).to.equal(true);
    expect(wantedOf(echoes, frame(65_545))).to.equal(true);
  });

  it('match like a plain list, whatever is lost', () => {
    const step = fc.record({
      send: fc.boolean(),
      identifier: fc.nat({ max: 3 }),
      wanted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat({ max: 3000 }), (steps, old) => {
        const echoes = new Echoes();
        // Many earlier echoes, so that the memory is compacted in between.
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

  it('give up frames sent before a time, so that later equal frames match their own echoes', () => {
    const echoes = new Echoes();
    const reported: string[] = [];
    const waits = (name: string) => ({
      echoed: (_: number, at: unknown) => reported.push(`${name} ${at === undefined ? 'lost' : 'back'}`),
    });
    const at = { systemNs: 0n, monotonicNs: 0n };
    const frame = new DataFrame(FrameFormat.Base, 1, new Uint8Array());
    echoes.expect(awaiting(frame, false, waits('first'), 0, 10n));
    echoes.expect(awaiting(frame, false, waits('second'), 0, 20n));
    echoes.giveUp(20n);
    echoes.match(frame, at);
    expect(reported).to.deep.equal(['first lost', 'second back']);
    expect(echoes.pending).to.equal(0);
  });
});
