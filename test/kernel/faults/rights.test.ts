import { expect } from 'chai';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fixturePath } from '../../support/processes/ending';
import { row } from '../../support/rows/row';

/** What the fixture tells. */
interface Report {
  readonly uid: number;
  readonly received: readonly string[];
  readonly granted: number;
  readonly rmemMax: number;
  readonly names: readonly string[];
}

describe('Without any privilege', () => {
  row('S1', 'a user opens, receives, sends and lists', async (seen) => {
    const child = fork(fixturePath('unprivileged'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [report] = (await once(child, 'message')) as [Report];
    await once(child, 'close');
    seen(`uid ${report.uid} received ${report.received.join(' ')}`);
    seen(`a receive buffer of ${report.granted} bytes at most`);
    expect(report.uid).to.equal(65534);
    expect(report.received).to.deep.equal(['123##101', '124##102']);
    expect(report.granted).to.equal(2 * report.rmemMax);
    expect(report.names).to.include('vcan0');
  });
});
