import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { expect } from 'chai';
import { listInterfaces } from '../../src/netlink/list-interfaces';
import { canResult } from '../support/kernel/can';
import { openDescriptors } from '../support/processes/process';

describe('listInterfaces', () => {
  it('returns exactly the interfaces that are CAN in sysfs', () => {
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

  it('returns no interfaces and logs the reason when it cannot open a socket', () => {
    const fixtures = join(__dirname, '..', 'support', 'fixtures');
    const path = join(fixtures, `no-descriptors${extname(__filename)}`);
    const script = 'ulimit -n 64; exec "$0" "$@"';
    const args = ['-c', script, process.execPath, ...process.execArgv, path];
    const env = { ...process.env, NODE_DEBUG: 'socketcan:netlink' };
    const { status, stdout, stderr } = spawnSync('sh', args, { env, encoding: 'utf8' });
    expect([status, stdout]).to.deep.equal([0, '[[],[]]'], stderr);
    expect(stderr).to.match(/SOCKETCAN:NETLINK \d+: cannot list interfaces: .*EMFILE/);
  });
});
