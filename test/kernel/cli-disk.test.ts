import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLog, type LogRecord } from '../../src';
import { RotatingLog } from '../../src/cli/files/rotating-log';
import { systemClock } from '../../src/clock';
import { CLI, cli } from '../support/processes/cli';
import { openDescriptors } from '../support/processes/process';
import { run } from '../support/kernel/shell';

describe('socketcan record on a disk that becomes full', () => {
  /** Runs the body with a file system of 64 KiB. The body must close its files there. */
  async function onSmallDisk(body: (disk: string) => Promise<void>): Promise<void> {
    const disk = mkdtempSync(join(tmpdir(), 'socketcan-disk-'));
    run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk);
    try {
      await body(disk);
      expect(openDescriptors().filter((each) => each.includes(disk))).to.deep.equal([]);
    } finally {
      // Lazily, because a file that is left open must not hide the failure of the body.
      run('umount', '--lazy', disk);
      rmSync(disk, { recursive: true });
    }
  }

  for (const options of [[], ['--max-size', '20k']]) {
    const how = options.length === 0 ? 'one file' : 'several files';
    it(`reports how many frames are safe in ${how} when the disk is full, and keeps whole lines`, async () => {
      await onSmallDisk(async (disk) => {
        const cliRun = new CLI();
        const running = cliRun.run('record', ...options, 'vcan0', join(disk, 'trace.log'));
        await cli('gen', 'vcan0', '-n', '5000', '-L', '8', '--rate', '20000');
        const { code, stderr } = await running;
        expect(code).to.equal(1);
        const [, file, safe] =
          /^socketcan record: (\S+): ENOSPC: the disk is full; (\d+) frames before that are safe in the log$/m.exec(
            stderr,
          ) ?? [];
        expect(file).to.include(disk);
        const logs = readdirSync(disk).map((name) => readFileSync(join(disk, name), 'utf8'));
        for (const log of logs) expect(log.endsWith('\n')).to.equal(true);
        const records: LogRecord[] = [];
        for await (const record of parseLog(logs)) records.push(record);
        expect(records).to.have.lengthOf(Number(safe));
        expect(records.length).to.be.above(1000);
      });
    });
  }

  it('closes every file of a log when the disk becomes full while it rotates', async () => {
    await onSmallDisk(async (disk) => {
      const failures: Error[] = [];
      const log = new RotatingLog(join(disk, 'a.log'), { maxSize: 10_000 }, systemClock, (error) =>
        failures.push(error),
      );
      // Twenty files in one turn of the event loop: all are open before the first one fails.
      log.write(`${'x'.repeat(99)}\n`.repeat(2000));
      await log.abandon();
      expect(openDescriptors().filter((each) => each.includes(disk))).to.deep.equal([]);
      expect(failures.length).to.be.above(0);
    });
  });
});
