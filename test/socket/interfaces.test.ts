import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { listInterfaces } from '../../src/socket';
import { canResult } from '../support/can';
import { openDescriptors } from '../support/process';

describe('listInterfaces', () => {
  it('has the interfaces that sysfs says are CAN, and no others', () => {
    const names = readdirSync('/sys/class/net').filter((name) => {
      try {
        return readFileSync(`/sys/class/net/${name}/type`, 'utf8').trim() === '280';
      } catch {
        return false; // Not an interface, like bonding_masters.
      }
    });
    expect(listInterfaces().map(({ name }) => name)).to.have.members(names);
    if (canResult < 0) expect(listInterfaces()).to.deep.equal([]);
  });

  it('leaves no descriptor open', () => {
    const before = openDescriptors();
    for (let i = 0; i < 10; i++) listInterfaces();
    expect(openDescriptors()).to.deep.equal(before);
  });
});
