import { expect } from 'chai';
import { once } from 'node:events';
import { BIN, outcomeOf, startCLI } from '../support/processes/cli';
import { FIXTURE_OPTIONS, runToEnd } from '../support/processes/ending';

/** A shell's command with the program as `socketcan`, and everything that is piped through it. */
function shell(command: string): ReturnType<typeof runToEnd> {
  const program = [process.execPath, ...FIXTURE_OPTIONS, BIN].map((word) => `'${word}'`).join(' ');
  return runToEnd('bash', ['-c', `socketcan() { ${program} "$@"; }; ${command}`]);
}

describe('The program socketcan', () => {
  it('ends with the exit codes of its commands', async () => {
    const codes = await shell(
      'socketcan --version > /dev/null; echo $?; socketcan dump nocan0 2> /dev/null; echo $?; socketcan nonsense 2> /dev/null; echo $?',
    );
    expect(codes.stdout).to.equal('0\n1\n2\n');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`writes everything and its account at ${signal}, and ends with 0`, async () => {
      const child = startCLI(['dump', '-L', 'virtual:a', '+', 'gen', 'virtual:a', '--rate', '500']);
      const ended = outcomeOf(child);
      if (child.stdout !== null) await once(child.stdout, 'data');
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect(code).to.equal(0);
      const [, sent] = /offered \d+ frames?: sent (\d+)/.exec(stderr) ?? [];
      expect(stderr).to.match(/virtual:a: received \d+ frames?, lost 0/);
      const [, received] = /received (\d+)/.exec(stderr) ?? [];
      expect(stdout.split('\n').length - 1).to.equal(Number(received));
      expect(Number(received)).to.be.at.most(Number(sent));
    });
  }

  it('ends with 130 when it is interrupted before it has done what it was asked for', async () => {
    const child = startCLI([
      'dump',
      '-L',
      'virtual:a',
      '+',
      'gen',
      'virtual:a',
      '-n',
      '1000000',
      '-g',
      '1',
    ]);
    const ended = outcomeOf(child);
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect((await ended).code).to.equal(130);
  });

  it('is silent and quick when the reader of a pipe goes, with exit code 0', async () => {
    const command = 'socketcan dump virtual:a + gen virtual:a | head -n 1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await shell(command);
    expect(stdout).to.match(/^ {2}virtual:a .*\n0\n$/);
    expect(stderr).to.not.include('EPIPE').and.to.not.include('at ');
  });

  it('says that stdout cannot be written, with exit code 1', async () => {
    const { stdout, stderr } = await shell(
      'socketcan dump virtual:a + gen virtual:a --rate 100 > /dev/full; echo $?',
    );
    expect(stdout).to.equal('1\n');
    expect(stderr).to.include('ENOSPC');
  });

  it('says so even if only the last line could not be written', async () => {
    for (const command of [
      'socketcan --help',
      'socketcan send virtual:a 123#',
      'socketcan dump virtual:a + gen virtual:a -n 5',
    ]) {
      const { stdout, stderr } = await shell(`${command} > /dev/full; echo $?`);
      expect(stdout, command).to.equal('1\n');
      expect(stderr, command).to.include('ENOSPC');
    }
  });

  it('takes frames from a pipe, and a log through one', async () => {
    const { stdout } = await shell(
      [
        'printf "123#11\\n124#\\n" | socketcan dump -L virtual:a + send virtual:a - | grep -o "12[34]#.*"',
        'printf "(1.0000000) x\\n" | socketcan play - ; echo $?',
      ].join('; '),
    );
    expect(stdout).to.equal('123#11\n124#\n1\n');
  });

  it('shows the stack of an error only where NODE_DEBUG asks for it', async () => {
    expect((await shell('socketcan dump nocan0')).stderr).to.not.match(/\n\s+at /);
    expect((await shell('NODE_DEBUG=socketcan socketcan dump nocan0')).stderr).to.match(/\n\s+at /);
  });
});
