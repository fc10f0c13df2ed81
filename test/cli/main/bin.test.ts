import { expect } from 'chai';
import { once } from 'node:events';
import { BIN, outcomeOf, startCLI } from '../../support/processes/cli';
import { FIXTURE_OPTIONS, runToEnd } from '../../support/processes/ending';

/** Runs a command of the shell, in which `socketcan` is the program. */
function shell(command: string): ReturnType<typeof runToEnd> {
  const program = [process.execPath, ...FIXTURE_OPTIONS, BIN].map((word) => `'${word}'`).join(' ');
  return runToEnd('bash', ['-c', `socketcan() { ${program} "$@"; }; ${command}`]);
}

describe('The program socketcan', () => {
  it('exits with the codes of its commands', async () => {
    const codes = await shell(
      'socketcan --version > /dev/null; echo $?; socketcan dump nocan0 2> /dev/null; echo $?; socketcan nonsense 2> /dev/null; echo $?',
    );
    expect(codes.stdout).to.equal('0\n1\n2\n');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`writes all frames and its summary at ${signal}, and exits with 0`, async () => {
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

  it('exits with 130 when SIGINT comes before it has sent all frames', async () => {
    const gen = ['gen', 'virtual:a', '-n', '1000000', '-g', '1'];
    const child = startCLI(['dump', '-L', 'virtual:a', '+', ...gen]);
    const ended = outcomeOf(child);
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect((await ended).code).to.equal(130);
  });

  it('ends silently with exit code 0 when the reader of a pipe goes away', async () => {
    const command = 'socketcan dump virtual:a + gen virtual:a | head -n 1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await shell(command);
    expect(stdout).to.match(/^ {2}virtual:a .*\n0\n$/);
    expect(stderr).to.not.include('EPIPE').and.to.not.include('at ');
  });

  it('reports that it cannot write stdout, with exit code 1', async () => {
    const { stdout, stderr } = await shell('socketcan dump virtual:a + gen virtual:a --rate 100 > /dev/full; echo $?');
    expect(stdout).to.equal('1\n');
    expect(stderr).to.include('ENOSPC');
  });

  it('reports that it cannot write the last line, with exit code 1', async () => {
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

  it('reads frames and logs from a pipe', async () => {
    const { stdout } = await shell(
      [
        'printf "123#11\\n124#\\n" | socketcan dump -L virtual:a + send virtual:a - | grep -o "12[34]#.*"',
        'printf "(1.0000000) x\\n" | socketcan play - ; echo $?',
      ].join('; '),
    );
    expect(stdout).to.equal('123#11\n124#\n1\n');
  });

  it('prints the stack of an error only with NODE_DEBUG=socketcan:cli', async () => {
    expect((await shell('socketcan dump nocan0')).stderr).to.not.match(/\n\s+at /);
    expect((await shell('NODE_DEBUG=socketcan:cli socketcan dump nocan0')).stderr).to.match(/\n\s+at /);
  });
});
