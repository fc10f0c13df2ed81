import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { FIXTURE_OPTIONS, fixturePath } from '../../support/processes/ending';
import { receivers } from '../../support/kernel/guest';
import { sleep } from '../../support/processes/process';
import { FULL } from '../../support/processes/nodes';
import { until } from '../../support/waiting/until';
import { RawWriter } from '../../support/kernel/raw';
import { row } from '../../support/rows/row';

const INTERFACE = 'vcan1';

/** A process that receives, see the fixture "holding". */
class Holder {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  output = '';

  constructor() {
    const args = [...FIXTURE_OPTIONS, fixturePath('holding'), INTERFACE];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = once(this.process, 'close');
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** Sends until the thread runs, and receives. */
  async ready(writer: RawWriter): Promise<void> {
    await until(() => {
      writer.writeFrame(0x001, 0);
      return this.output.includes('holding');
    }, 'the process receives');
  }
}

/** The letter for what a process does, see proc(5): R, S, T, ... */
function stateOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.slice(0, 1) ?? '';
}

describe('A process that receives, and signals', () => {
  let writer: RawWriter;
  let holder: Holder;

  beforeEach(() => {
    writer = new RawWriter(INTERFACE);
  });

  afterEach(async () => {
    writer.close();
    holder.process.kill('SIGKILL');
    await holder.ended;
  });

  row('L16', 'the kernel removes its receiver from the list after SIGKILL', async (seen) => {
    const before = receivers(INTERFACE);
    holder = new Holder();
    await holder.ready(writer);
    expect(receivers(INTERFACE), 'while it receives').to.equal(before + 1);
    const killed = performance.now();
    holder.process.kill('SIGKILL');
    await until(() => receivers(INTERFACE) === before, 'the socket is off the list');
    seen(`off the list ${(performance.now() - killed).toFixed(0)} ms later`);
  });

  row('S9', 'receives all frames sent before SIGSTOP, while stopped, and after SIGCONT', async (seen) => {
    holder = new Holder();
    await holder.ready(writer);
    const pid = holder.process.pid as number;
    for (let i = 0; i < 100; i++) writer.writeFrame(0x100 + i, 1);
    holder.process.kill('SIGSTOP');
    await until(() => stateOf(pid) === 'T', 'the process has stopped');
    for (let i = 100; i < 300; i++) {
      writer.writeFrame(0x100 + i, 1);
      if (FULL) await sleep(5);
    }
    expect(stateOf(pid)).to.equal('T');
    holder.process.kill('SIGCONT');
    for (let i = 300; i < 400; i++) writer.writeFrame(0x100 + i, 1);
    writer.writeFrame(0x7ff, 0);
    await holder.ended;

    const report = JSON.parse(holder.output.replace('holding\n', '')) as {
      received: string[];
      dropped: number;
    };
    const numbered = report.received.filter((text) => text !== '001#');
    seen(`${numbered.length} of 400 received, ${report.dropped} dropped`);
    expect(report.dropped).to.equal(0);
    expect(numbered).to.deep.equal(
      Array.from({ length: 400 }, (_, i) => `${(0x100 + i).toString(16).toUpperCase()}#5A`),
    );
  });
});
