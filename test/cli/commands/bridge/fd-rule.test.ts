import { expect } from 'chai';
import { applyFDRule } from '../../../../src/cli/commands/bridge/fd-rule';
import { parseFrame } from '../../../../src';

describe('applyFDRule', () => {
  for (const [rule, supportsFD, text, expected] of [
    ['auto', true, '123##1AABB', '123##1AABB'],
    ['auto', false, '123##1AABB', undefined],
    ['auto', false, '123#AABB', '123#AABB'],
    ['auto', false, '123#R', '123#R'],
    ['drop', true, '123##1AABB', undefined],
    ['drop', true, '123#AABB', '123#AABB'],
    ['classic', true, '123##1AABB', '123#AABB'],
    ['classic', false, '123##0' + '11'.repeat(8), '123#' + '11'.repeat(8)],
    ['classic', true, '123##0' + '11'.repeat(12), undefined],
  ] as const) {
    const result = expected === undefined ? 'drops' : expected === text ? 'keeps' : 'converts';
    it(`${result} ${text} by the rule ${rule} for a side with${supportsFD ? '' : 'out'} CAN FD`, () => {
      const frame = applyFDRule(parseFrame(text), rule, supportsFD);
      expect(frame === undefined ? undefined : String(frame)).to.equal(expected);
    });
  }
});
