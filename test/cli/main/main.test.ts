import { expect } from 'chai';
import { COMMANDS } from '../../../src/cli/main/commands';
import { keepThread } from '../../virtual/probe';
import { CLI, cli } from '../../support/processes/cli';

describe('socketcan', () => {
  keepThread();

  it('lists its commands with --help, and prints its version with --version', async () => {
    const help = await cli('--help');
    expect(help.code).to.equal(0);
    for (const { name, summary } of COMMANDS) {
      expect(help.stdout).to.match(new RegExp(`^  ${name} +${summary}$`, 'm'));
    }
    expect((await cli('--version')).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('prints its usage with exit code 2 without a command, and names an unknown one', async () => {
    const nothing = await cli();
    expect(nothing).to.include({ code: 2, stdout: '' });
    expect(nothing.stderr).to.include('Usage: socketcan COMMAND');
    const unknown = await cli('dmup');
    expect(unknown.code).to.equal(2);
    expect(unknown.stderr).to.include('unknown command "dmup"').and.to.include('dump');
  });

  for (const { name, options } of COMMANDS) {
    it(`prints the usage of ${name} with every option`, async () => {
      const { code, stdout } = await cli(name, '--help');
      expect(code).to.equal(0);
      expect(stdout).to.match(new RegExp(`^Usage: socketcan ${name}(?= |\\n)`));
      expect((await cli('help', name)).stdout).to.equal(stdout);
      for (const [option, { short }] of Object.entries(options)) {
        const words = short === undefined ? `--${option}` : `-${short}, --${option}`;
        expect(stdout, words).to.match(new RegExp(`${words}\\b`));
      }
    });

    it(`names an unknown option of ${name}, with exit code 2`, async () => {
      const { code, stdout, stderr } = await cli(name, '--no-such-option');
      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.include(`socketcan ${name}: `).and.to.include('--no-such-option');
      expect(stderr).to.include(`"socketcan ${name} --help" explains the usage`);
    });
  }

  it('names an invalid value, and what is valid instead', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['dump'], /INTERFACE\.\.\. must be given/],
      [['dump', 'can 0'], /must be 1 to 15 bytes without white space.*found "can 0"/],
      [['dump', 'usb:0'], /Unknown scheme "usb"/],
      [['dump', 'virtual:'], /The name of a virtual bus is empty/],
      [['dump', 'virtual:a', '-n', '0'], /--count must be an integer of 1 or more; found "0"/],
      [['dump', 'virtual:a', '-n', '1.5'], /--count must be an integer .*; found "1\.5"/],
      [['dump', 'virtual:a', '-t', 'x'], /--time must be a .*; found "x"/],
      [['dump', 'virtual:a', '-T', '5x'], /--timeout must be a time such as .*; found "5x"/],
      [['dump', 'virtual:a', '--decimals', '3'], /--decimals must be one of 6, 9; found "3"/],
      [['dump', 'virtual:a', '-L', '--json'], /exclude each other/],
      [['dump', 'virtual:a,12G:7FF'], /A filter must be .*; found "12G:7FF"/],
      [['dump', ',123:7FF'], /An interface must be named/],
      [['send', 'virtual:a'], /INTERFACE FRAME\.\.\. must be given/],
      [['send', 'virtual:a', '123'], /"123" is not a CAN frame: there must be a #/],
      [['send', 'virtual:a', '-', '123#'], /must be the only FRAME/],
      [['gen'], /INTERFACE must be given/],
      [['gen', 'virtual:a', 'virtual:b'], /"virtual:b" is one argument too many/],
      [['gen', 'virtual:a', '--rate', '5', '--gap', '5'], /exclude each other/],
      [['gen', 'virtual:a', '--rate', '0'], /--rate must be a number from 0\.001 .*found "0"/],
      [['gen', 'virtual:a', '-I', 'XYZ'], /--id must be r .*found "XYZ"/],
      [['gen', 'virtual:a', '-I', '800'], /--id must be from 0 to 7FF/],
      [['gen', 'virtual:a', '-L', '9'], /--length must be .*0 to 8.*found "9"/],
      [['gen', 'virtual:a', '-D', '123'], /--data must be .*found "123"/],
      [['gen', 'virtual:a', '-D', '00'.repeat(12)], /--data must have up to/],
      [['gen', 'virtual:a', '-R', '-f'], /exclude each other/],
      [['play'], /FILE \[TO=FROM\.\.\.\] must be given/],
      [['play', 'x.log', 'can0'], /An assignment must be TO=FROM; found "can0"/],
      [['play', '-', '--loop', '2'], /stdin can be played only once/],
      [['play', 'x.log', '--loop', '0'], /--loop must be an integer .*found "0"/],
      [['play', 'x.log', '-t', '--speed', '2'], /--speed needs the times/],
      [['record', 'virtual:a'], /INTERFACE\.\.\. FILE must be given/],
      [['record', 'virtual:a', 'virtual:b'], /the FILE to write; found the interface virtual:b/],
      [['record', 'virtual:a', 'x.log', '--max-size', '0'], /--max-size must be .*found "0"/],
      [['record', 'virtual:a', 'x.log', '--keep', '2'], /--keep needs --max-size/],
      [['record', 'virtual:a', 'x.log', '--append', '--max-age', '1h'], /--append excludes/],
      [['dump', 'virtual:a', '-r', '16X'], /--receive-buffer must be .*10M.*; found "16X"/],
      [['record', 'virtual:a', 'x.log', '-r', '2G'], /--receive-buffer must be .*up to 1024M/],
      [['bridge', 'virtual:a', 'virtual:b', '-r', '0'], /--receive-buffer must be .*found "0"/],
      [['dump', '--wrong'], /Unknown option '--wrong'\n/],
      [['list', 'can0'], /"can0" is one argument too many/],
      [['doctor', 'can0', 'can1'], /"can1" is one argument too many/],
    ];
    for (const [argv, message] of cases) {
      const { code, stderr } = await cli(...argv);
      expect(stderr, argv.join(' ')).to.match(message);
      expect(code, argv.join(' ')).to.equal(2);
    }
  });

  it('reports an error of the system with its hint, without a stack, with exit code 1', async () => {
    const { code, stderr } = await cli('dump', 'nocan0');
    expect(code).to.equal(1);
    expect(stderr).to.match(/^socketcan dump: E[A-Z]+: .* 'nocan0' \(.*\)\n$/);
  });

  it('runs commands joined by + together until the last one ends', async () => {
    const { code, stdout, stderr } = await cli(
      ...['dump', '-L', 'virtual:plus', '+', 'send', 'virtual:plus', '123#01', '124#02'],
    );
    expect(code).to.equal(0);
    expect(stdout).to.match(/\) virtual:plus 123#01\n.*\) virtual:plus 124#02\n/);
    expect(stdout).to.include('sent 2, expired 0, refused 0');
    expect(stderr).to.include('virtual:plus: received 2 frames, lost 0');
  });

  it('ends all commands joined by + with the exit code of the one that fails', async () => {
    const gen = ['+', 'gen', 'virtual:plus', '-n', '1000000'];
    for (const [argv, code] of [
      [['dump', '-t', 'x', 'virtual:plus', ...gen], 2],
      [['dump', 'nocan0', ...gen, '+', 'dump', 'virtual:plus'], 1],
      [['dump', 'virtual:plus', '-n', '1', '+', 'play', '/no/such.log', ...gen], 1],
    ] as const) {
      const wrong = await cli(...argv);
      expect(wrong.code, argv.join(' ')).to.equal(code);
      // gen has not started yet, and must not start.
      expect(wrong.stderr).to.not.include('socketcan gen');
    }
  });

  it('interrupts the other commands when the last one ends, and exits with 0', async () => {
    const { code, stderr } = await cli(
      ...['gen', 'virtual:plus2', '-g', '1', '-n', '1000000', '+'],
      ...['dump', 'virtual:plus2', '-n', '3'],
    );
    expect(stderr).to.include('virtual:plus2: received 3 frames');
    expect(code).to.equal(0);
  });

  it('warns at a terminal that a command is alone on a virtual bus, unless another one is joined to it', async () => {
    const warns = async (argv: readonly string[], isTTY = true): Promise<boolean> =>
      (await new CLI({ isTTY }).run(...argv)).stderr.includes('Join commands by "+"');
    const send = ['send', 'virtual:alone', '123#'];
    expect(await warns(send)).to.equal(true);
    expect(await warns(send, false), 'no terminal').to.equal(false);
    expect(await warns([...send, '+', ...send]), 'two commands').to.equal(false);
    expect(await warns(['doctor', 'virtual:alone']), 'a command without peers').to.equal(false);
    expect(await warns(['monitor', '--demo', '--plain', '-n', '1', '--interval', '1ms', 'virtual:alone'])).to.equal(
      false,
    );
    expect(await warns(['send', '--help', 'virtual:alone'])).to.equal(false);
  });

  it('uses colour on a terminal, unless NO_COLOR, FORCE_COLOR or TERM=dumb decide', async () => {
    const coloured = async (env: NodeJS.ProcessEnv, isTTY: boolean): Promise<boolean> => {
      const run = new CLI({ env, isTTY });
      const { stdout } = await run.run('doctor', 'virtual:a');
      return stdout.includes('\u001b[32m');
    };
    expect(await coloured({}, true)).to.equal(true);
    expect(await coloured({}, false)).to.equal(false);
    expect(await coloured({ TERM: 'dumb' }, true)).to.equal(false);
    expect(await coloured({ NO_COLOR: '1' }, true)).to.equal(false);
    expect(await coloured({ NO_COLOR: '' }, true)).to.equal(true);
    expect(await coloured({ FORCE_COLOR: '1' }, false)).to.equal(true);
    expect(await coloured({ FORCE_COLOR: '0' }, true)).to.equal(false);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).to.equal(true);
  });
});
