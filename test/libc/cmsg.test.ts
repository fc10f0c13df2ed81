import { expect } from 'chai';
import * as fc from 'fast-check';
import { CMSG_ALIGN, CMSG_LEN, CMSG_SPACE, ControlWalk } from '../../src/libc/cmsg';
import { host } from '../../src/libc/layouts';
import { Memory } from '../../src/libc/memory';
import { controlLayout } from '../../src/libc/cmsg';
import { expectHeaders } from '../support/headers/expect-headers';
import { hostMachine } from '../support/headers/machines';

const HEADER = host.cmsghdr.size;

/** A control message as the kernel writes it. */
interface Message {
  readonly level: number;
  readonly type: number;
  readonly data: readonly number[];
}

/** Writes messages one after the other. Returns the number of bytes. */
function write(memory: Memory, start: number, messages: readonly Message[]): number {
  let at = start;
  for (const { level, type, data } of messages) {
    memory.setSize(at + host.cmsghdr.offset.cmsg_len, CMSG_LEN(data.length));
    memory.words[(at + host.cmsghdr.offset.cmsg_level) / 4] = level;
    memory.words[(at + host.cmsghdr.offset.cmsg_type) / 4] = type;
    memory.bytes.set(data, at + HEADER);
    at += CMSG_SPACE(data.length);
  }
  return at - start;
}

/** Returns all messages of a walk, with the bytes of each. */
function walked(memory: Memory, start: number, length: number): Message[] {
  const walk = new ControlWalk(memory).begin(start, length);
  const found: Message[] = [];
  while (walk.next()) {
    const { level, type, data, size } = walk;
    found.push({ level, type, data: [...memory.bytes.subarray(data, data + size)] });
  }
  return found;
}

const message = fc.record({
  level: fc.nat({ max: 0xffff_ffff }),
  type: fc.nat({ max: 0xffff_ffff }),
  data: fc.array(fc.nat({ max: 255 }), { maxLength: 50 }),
});

describe('control message sizes', () => {
  it('are those of x86-64', () => {
    const { align, len, space } = controlLayout({ size: 16, alignment: 8 });
    expect([0, 1, 8, 9].map(align)).to.deep.equal([0, 8, 8, 16]);
    expect([0, 4, 16].map(len)).to.deep.equal([16, 20, 32]);
    expect([4, 16, 48].map(space)).to.deep.equal([24, 32, 64]);
  });

  it('are those of 32-bit ARM', () => {
    const { align, len, space } = controlLayout({ size: 12, alignment: 4 });
    expect([0, 1, 4, 5].map(align)).to.deep.equal([0, 4, 4, 8]);
    expect([0, 4, 16].map(len)).to.deep.equal([12, 16, 28]);
    expect([8, 16].map(space)).to.deep.equal([20, 28]);
  });

  it('are on the host those of the macros in its C headers', () => {
    const sizes = [0, 1, 4, 7, 8, 9, 12, 16, 24, 47, 48, 64];
    const ours = Object.fromEntries(
      sizes.flatMap((size) => [
        [`CMSG_ALIGN(${size})`, CMSG_ALIGN(size)],
        [`CMSG_LEN(${size})`, CMSG_LEN(size)],
        [`CMSG_SPACE(${size})`, CMSG_SPACE(size)],
      ]),
    ) as Record<string, number>;
    expectHeaders(hostMachine(), ours);
  });
});

describe('ControlWalk', () => {
  it('finds every message in order, at any start of the area', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.nat({ max: 8 }), (messages, eighth) => {
        const memory = new Memory(512);
        memory.bytes.fill(0xa5);
        const length = write(memory, eighth * 8, messages);
        expect(walked(memory, eighth * 8, length)).to.deep.equal(messages);
      }),
    );
  });

  it('finds nothing in an empty area', () => {
    const memory = new Memory(64);
    write(memory, 0, [{ level: 1, type: 35, data: [1, 2, 3, 4] }]);
    expect(walked(memory, 0, 0)).to.deep.equal([]);
  });

  it('finds a last message without padding', () => {
    const memory = new Memory(64);
    const only = { level: 1, type: 40, data: [1, 2, 3, 4] };
    write(memory, 0, [only]);
    expect(walked(memory, 0, CMSG_LEN(4))).to.deep.equal([only]);
  });

  it('finds the complete messages of a truncated area', () => {
    const first = { level: 1, type: 35, data: new Array<number>(16).fill(7) };
    const second = { level: 1, type: 40, data: [1, 2, 3, 4] };
    const memory = new Memory(128);
    const length = write(memory, 0, [first, second]);
    for (let cut = 0; cut <= length; cut++) {
      const whole = [first, second].slice(0, cut < CMSG_LEN(16) ? 0 : 2);
      if (cut < CMSG_SPACE(16) + CMSG_LEN(4)) whole.splice(1);
      expect(walked(memory, 0, cut), `${cut} bytes`).to.deep.equal(whole);
    }
  });

  it('ends at a header with a length below its own size', () => {
    for (const length of [0, 1, HEADER - 1]) {
      const memory = new Memory(64);
      memory.setSize(0, length);
      expect(walked(memory, 0, 64), `${length} bytes`).to.deep.equal([]);
    }
  });

  it('ends at a header with a length beyond the area', () => {
    for (const length of [65, 1000, 0x7fff_ffff, 0xffff_ffff]) {
      const memory = new Memory(128);
      memory.setSize(0, length);
      expect(walked(memory, 0, 64), `${length} bytes`).to.deep.equal([]);
    }
  });

  it('stays within its area and ends for any bytes', () => {
    const words = fc.array(fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 0xffff_ffff })), {
      minLength: 32,
      maxLength: 32,
    });
    fc.assert(
      fc.property(words, fc.nat({ max: 16 }), fc.nat({ max: 200 }), (content, eighth, length) => {
        const memory = new Memory(128);
        memory.words.set(content);
        const start = eighth * 8;
        const walk = new ControlWalk(memory).begin(start, length);
        let end = start;
        let count = 0;
        while (walk.next()) {
          expect(walk.data).to.be.at.least(end + HEADER);
          expect(walk.size).to.be.at.least(0);
          end = walk.data + walk.size;
          expect(end).to.be.at.most(Math.min(start + length, 128));
          expect(++count).to.be.at.most(128 / HEADER);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
