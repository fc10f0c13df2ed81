import { expect } from 'chai';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';

const FIXTURE = join(__dirname, '..', 'support', 'fixtures', `unprivileged${extname(__filename)}`);

interface Report {
  readonly uid: number;
  readonly received: readonly string[];
  readonly granted: number;
  readonly rmemMax: number;
  readonly names: readonly string[];
}

describe('SocketCANMedia without any privilege', () => {
  it('opens, receives, sends and lists; only the receive buffer is smaller', async () => {
    const child = fork(FIXTURE, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [report] = (await once(child, 'message')) as [Report];
    await once(child, 'close');
    expect(report.uid).to.equal(65534);
    expect(report.received).to.deep.equal(['123##101', '124##102']);
    expect(report.granted).to.equal(2 * report.rmemMax);
    expect(report.names).to.include('vcan0');
  });
});
