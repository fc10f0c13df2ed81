import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CANSocket, parseFrame, parseLogLine } from '../../../src';
import { keepThread } from '../../virtual/probe';
import { FakeClock, MS } from '../../support/fakes/clock';
import { CLI, cli } from '../../support/processes/cli';
import { openDescriptors } from '../../support/processes/process';
import { until } from '../../support/waiting/until';

describe('socketcan record', () => {
  keepThread();

  let folder = '';
  let sender: CANSocket;
  let name = '';
  let number = 0;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'socketcan-record-'));
    name = `virtual:record${number++}`;
    sender = new CANSocket(name);
  });

  afterEach(async () => {
    await sender.close();
    rmSync(folder, { recursive: true });
  });

  const path = (file = 'trace.log'): string => join(folder, file);
  /** Descriptors of this process that are open on the folder of the test, or on /dev/full. */
  const descriptors = (): string[] =>
    openDescriptors().filter((each) => each.includes(folder) || each.endsWith(' /dev/full'));
  const framesIn = (...files: string[]): string[] =>
    files.flatMap((file) =>
      readFileSync(path(file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => String(parseLogLine(line)?.frame)),
    );

  /** Sends numbered frames in batches. */
  async function send(from: number, to: number): Promise<string[]> {
    const texts = Array.from(
      { length: to - from },
      (_, i) => `${(from + i).toString(16).toUpperCase().padStart(8, '0')}#`,
    );
    for (let at = 0; at < texts.length; at += 200) {
      await sender.send(texts.slice(at, at + 200).map(parseFrame), { timeoutMs: 10_000 });
    }
    return texts;
  }

  it('writes every frame that came before SIGINT', async () => {
    const run = new CLI();
    const running = run.run('record', name, path());
    const texts = await send(0, 5000);
    run.terminal.interrupt('SIGINT');
    const { code, stdout, stderr } = await running;
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
    expect(framesIn('trace.log')).to.deep.equal(texts);
    expect(stderr).to.equal(`${name}: received 5000 frames, lost 0\n${path()}: wrote 5000 frames\n`);
  });

  it('splits the log by size between lines, and continues the numbers of earlier files', async () => {
    const all: string[] = [];
    for (const round of [0, 1]) {
      const run = new CLI();
      const running = run.run('record', '--max-size', '10k', name, path());
      all.push(...(await send(1000 * round, 1000 * (round + 1))));
      run.terminal.interrupt('SIGINT');
      const { code, stderr } = await running;
      expect(code).to.equal(0);
      expect(stderr).to.match(/trace\.\d{6}\.log: wrote 1000 frames in \d files/);
    }
    const files = readdirSync(folder).sort();
    expect(files.length).to.be.above(8);
    expect(files[0]).to.equal('trace.000001.log');
    for (const file of files) expect(statSync(path(file)).size).to.be.at.most(10 * 1024);
    expect(framesIn(...files)).to.deep.equal(all);
  });

  it('keeps as many files as --keep says', async () => {
    const run = new CLI();
    const running = run.run('record', '--max-size', '4k', '--keep', '3', '--json', name, path());
    const texts = await send(0, 2000);
    run.terminal.interrupt('SIGINT');
    const { stdout } = await running;
    const files = readdirSync(folder).sort();
    expect(files).to.have.lengthOf(3);
    const kept = framesIn(...files);
    expect(kept).to.deep.equal(texts.slice(-kept.length));
    const account = JSON.parse(stdout) as Record<string, unknown>;
    expect(account).to.include({ event: 'account', written: 2000, unwritten: 0 });
    expect(account['kept']).to.equal(kept.length);
    expect(account['file']).to.equal(path(files.at(-1)));
    expect(account['interfaces']).to.deep.equal([{ interface: name, received: 2000, lost: 0, droppedBefore: 0 }]);
  });

  it('begins a new file for the first frame after the age', async () => {
    const clock = new FakeClock();
    const run = new CLI({ clock });
    const running = run.run('record', '--max-age', '100ms', name, path('a.b.log'));
    const written = (file: string, count: number): Promise<void> =>
      until(() => readFileSync(path(file), 'utf8').split('\n').length > count, `${file} has ${count} frames`);
    await send(0, 1);
    await written('a.b.000001.log', 1);
    await clock.advance(100n * MS - 1n);
    await send(1, 2);
    await written('a.b.000001.log', 2);
    await clock.advance(1n);
    expect(readdirSync(folder)).to.deep.equal(['a.b.000001.log']);
    await send(2, 3);
    run.terminal.interrupt('SIGINT');
    expect((await running).code).to.equal(0);
    expect(readdirSync(folder).sort()).to.deep.equal(['a.b.000001.log', 'a.b.000002.log']);
    expect(framesIn('a.b.000001.log')).to.deep.equal(['00000000#', '00000001#']);
    expect(framesIn('a.b.000002.log')).to.deep.equal(['00000002#']);
  });

  it('does not overwrite a file, and appends to it with --append', async () => {
    writeFileSync(path(), '(1.000000) can0 123#\n');
    const refused = await cli('record', name, path());
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include(`socketcan record: ${path()}: EEXIST: the file exists`);
    const run = new CLI();
    const running = run.run('record', '--append', '-n', '1', name, path());
    await send(1, 2);
    expect((await running).code).to.equal(0);
    expect(framesIn('trace.log')).to.deep.equal(['123#', '00000001#']);
  });

  it('ends a line that was cut off before it appends', async () => {
    writeFileSync(path(), '(1.000000) can0 123#\n(1.000000) can0 1');
    const run = new CLI();
    const running = run.run('record', '--append', '-n', '1', name, path());
    await send(1, 2);
    expect((await running).code).to.equal(0);
    const lines = readFileSync(path(), 'utf8').split('\n');
    expect(lines[1]).to.equal('(1.000000) can0 1');
    expect(parseLogLine(lines[2] ?? '')?.frame.toString()).to.equal('00000001#');
  });

  it('reports how many frames are safe when it cannot make the next file, and closes every file', async () => {
    const run = new CLI();
    const running = run.run('record', '--max-size', '4k', name, path());
    await send(0, 50);
    await until(() => statSync(path('trace.000001.log')).size > 0, 'the first file has frames');
    renameSync(folder, `${folder}-away`);
    await send(50, 500);
    const { code, stderr } = await running;
    renameSync(`${folder}-away`, folder);
    expect(code).to.equal(1);
    const safe = framesIn('trace.000001.log').length;
    expect(stderr).to.include(
      `trace.000002.log: ENOENT: no such file or directory; ${safe} frames before that are safe`,
    );
    expect(descriptors()).to.deep.equal([]);
  });

  it('reports a full disk with exit code 1, and closes the file', async () => {
    const run = new CLI();
    const running = run.run('record', '--append', name, '/dev/full');
    await send(0, 10);
    const { code, stderr } = await running;
    expect(code).to.equal(1);
    expect(stderr).to.equal('socketcan record: /dev/full: ENOSPC: the disk is full\n');
    expect(descriptors()).to.deep.equal([]);
  });

  it('fails when it cannot make the file, and leaves no file when it cannot listen', async () => {
    const { code, stderr } = await cli('record', name, join(folder, 'no', 'trace.log'));
    expect(code).to.equal(1);
    expect(stderr).to.include('trace.log: ENOENT: no such file or directory');
    expect((await cli('record', 'nocan0', path())).code).to.equal(1);
    expect((await cli('record', '--max-age', '1h', 'nocan0', path())).code).to.equal(1);
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(descriptors()).to.deep.equal([]);
  });
});
