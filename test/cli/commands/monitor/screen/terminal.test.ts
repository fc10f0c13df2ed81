import { expect } from 'chai';
import { fixturePath } from '../../../../support/processes/ending';
import { Pty } from '../../../../support/processes/pty';

const DEMO = ['monitor', '--demo', 'virtual:demo'];

/** Expects the screen, the cursor, line wrap and the settings of the terminal as before. */
async function expectRestored(pty: Pty, code: number): Promise<void> {
  const end = await pty.end();
  expect(end).to.deep.equal({ code, same: true });
  const { alternate, cursor, wrap } = pty.screen;
  expect({ alternate, cursor, wrap }).to.deep.equal({ alternate: false, cursor: true, wrap: true });
}

describe('socketcan monitor on a terminal', () => {
  it('takes the whole screen, and shows the traffic of the bus', async () => {
    const pty = new Pty(DEMO);
    await pty.until(/^ {5}0C4 {5}8 +\d{2,} /);
    const { lines, alternate, cursor, wrap } = pty.screen;
    expect({ alternate, cursor, wrap }).to.deep.equal({
      alternate: true,
      cursor: false,
      wrap: false,
    });
    expect(lines[0]).to.match(/^virtual:demo {2}up .* load +\d+\.\d %/);
    expect(lines.at(-1)).to.match(/identifiers {2}by id .*\? help {2}q quit$/);
    pty.type('q');
    await expectRestored(pty, 0);
  });

  it('sorts, filters, scrolls, shows help and pauses by keys', async () => {
    const pty = new Pty(DEMO, { rows: 12 });
    await pty.until(/identifiers {2}by id/);
    pty.type('r');
    await pty.until(/identifiers {2}by rate/);
    pty.type('/18f');
    await pty.until(/^filter: 18f_/);
    pty.type('\r');
    await pty.until(/^2 identifiers {2}by rate {2}filter: 18f/);
    pty.type('\x1b');
    await pty.until(/^1-8 of 1\d identifiers/);
    pty.type('\x1b[B\x1b[B');
    await pty.until(/^3-10 of 1\d identifiers/);
    pty.type('?');
    await pty.until(/pause; frames are/);
    pty.type('?p');
    await pty.until(/^PAUSED/);
    pty.type('q');
    await expectRestored(pty, 0);
  });

  it('adapts to the size of the terminal', async () => {
    const pty = new Pty(DEMO);
    await pty.until(/identifiers {2}by id/);
    pty.resize(10, 60);
    await pty.until(/identifiers {2}by id/);
    expect(pty.screen.lines[9]).to.match(/identifiers {2}by id/);
    expect(pty.screen.lines[2]).to.match(/ID FL LN/);
    pty.type('q');
    await expectRestored(pty, 0);
  });

  for (const [what, end] of [
    [
      'Ctrl-C',
      (pty: Pty) => {
        pty.type('\x03');
      },
    ],
    [
      'SIGINT',
      (pty: Pty) => {
        pty.kill('SIGINT');
      },
    ],
    [
      'SIGTERM',
      (pty: Pty) => {
        pty.kill('SIGTERM');
      },
    ],
  ] as const) {
    it(`restores the terminal after ${what}, and exits with 0`, async () => {
      const pty = new Pty(DEMO);
      await pty.until(/identifiers {2}by id/);
      end(pty);
      await expectRestored(pty, 0);
    });
  }

  it('restores the terminal when an exception ends the process', async () => {
    const pty = new Pty(DEMO, { node: ['--require', fixturePath('throw-at-signal')] });
    await pty.until(/identifiers {2}by id/);
    pty.kill('SIGUSR2');
    await expectRestored(pty, 1);
    expect(pty.output.split('\x1b[?1049l')[1]).to.include('boom');
  });
});
