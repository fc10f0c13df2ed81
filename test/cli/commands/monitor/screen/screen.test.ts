import { expect } from 'chai';
import { Bus } from '../../../../../src/cli/commands/monitor/model/bus';
import { ASCII, bar, glyphsOf, sparkline, UNICODE } from '../../../../../src/cli/commands/monitor/output/graph';
import { Keys } from '../../../../../src/cli/commands/monitor/screen/keys';
import { lineText } from '../../../../../src/cli/commands/monitor/output/line';
import { Model } from '../../../../../src/cli/commands/monitor/model/model';
import { fit } from '../../../../../src/cli/commands/monitor/output/number';
import { Painter } from '../../../../../src/cli/commands/monitor/screen/painter';
import { render, type RenderOptions } from '../../../../../src/cli/commands/monitor/output/render';
import { RowFilter } from '../../../../../src/cli/commands/monitor/model/row-filter';
import { FIRST_VIEW, press, type View } from '../../../../../src/cli/commands/monitor/model/view';
import { ErrorFrame } from '../../../../../src';
import { VirtualScreen } from '../../../../support/processes/screen';
import { feed, MS, SECOND } from '../support';

const OPTIONS: RenderOptions = { columns: 80, rows: 10, color: false, glyphs: UNICODE };

/** One second of a bus at 125 kbit/s, and the time at its end. */
function busy(): { model: Model; now: number } {
  const model = new Model([new Bus('can0', { bitrate: 125_000 })], 100);
  for (let ms = 0; ms < 1000; ms += 10) {
    feed(model, { atNs: ms * MS }, `123#DEADBEEF0000000${ms === 990 ? 1 : 0}`);
  }
  for (let ms = 0; ms < 1000; ms += 100) {
    feed(model, { atNs: ms * MS }, '18FEF100##1' + '00'.repeat(24));
  }
  feed(model, { atNs: 500 * MS }, '7DF#R3');
  feed(model, { atNs: 500 * MS }, new ErrorFrame(0x204, Uint8Array.of(0, 8, 0, 0, 0, 0, 97, 0)));
  return { model, now: SECOND };
}

function screen(model: Model, now: number, view: Partial<View> = {}, options = OPTIONS): string[] {
  return render(model, { ...FIRST_VIEW, ...view }, options, now).lines.map((line) => lineText(line, options.color));
}

describe('render', () => {
  it('shows the bus, the rows, and the status line', () => {
    const { model, now } = busy();
    expect(screen(model, now)).to.deep.equal([
      'can0  up    error-warning  tx 97 rx 0     load  12.0 %  █░░░░░░░░░             ▁',
      '      111 frames/s  15.0 kbit/s  111 frames  1 error frames  0 dropped  error: c',
      '      ID FL LN    COUNT      /S   PERIOD  JITTER  DATA',
      '     123     8      100   100.0   10.000   0.000  DE AD BE EF 00 00 00 01*',
      '     7DF R   3        1       -        -       -',
      '18FEF100 B  24       10    10.0  100.000   0.000  00 00 00 00 00 00 00 00 00 +15',
      '',
      '',
      '',
      '3 identifiers  by id                                              ? help  q quit',
    ]);
  });

  it('names the interface of each row when there are several, and a missing bit rate', () => {
    const model = new Model([new Bus('can0'), new Bus('vcan10')], 100);
    feed(model, { index: 1 }, '123#01');
    feed(model, { index: 0 }, '124#02');
    expect(screen(model, 5 * SECOND, {}, { ...OPTIONS, glyphs: ASCII })).to.deep.equal([
      'can0    up    load ? (--bitrate)                                           #',
      '        0 frames/s  0.0 kbit/s  1 frames  0 error frames  0 dropped',
      'vcan10  up    load ? (--bitrate)                                           #',
      '        0 frames/s  0.0 kbit/s  1 frames  0 error frames  0 dropped',
      '             ID FL LN    COUNT      /S   PERIOD  JITTER  DATA',
      'can0        124     1        1       -        -       -  02',
      'vcan10      123     1        1       -        -       -  01',
      '',
      '',
      '2 identifiers  by id                                              ? help  q quit',
    ]);
  });

  it('shows the rows that fit, from the scroll position on', () => {
    const model = new Model([new Bus('can0')], 1000);
    for (let id = 0; id < 100; id++) feed(model, `${(0x100 + id).toString(16)}#`);
    const seen = screen(model, 0, { top: 42 });
    expect(seen.slice(3, 9).map((line) => line.slice(5, 8))).to.deep.equal(
      [42, 43, 44, 45, 46, 47].map((id) => (0x100 + id).toString(16).toUpperCase()),
    );
    expect(seen[9]).to.match(/^43-48 of 100 identifiers/);
    expect(screen(model, 0, { top: 99 })[9]).to.match(/^95-100 of 100 identifiers/);
  });

  it('shows the filter, the order, the pause, the input, and the frames without a row', () => {
    const { model, now } = busy();
    const last = (view: Partial<View>): string => screen(model, now, view).at(-1) ?? '';
    expect(last({ filter: new RowFilter('18f') })).to.match(/^1 identifiers {2}by id {2}filter: 18f /);
    expect(last({ sort: 'rate', reverse: true })).to.match(/^3 identifiers {2}by rate, reversed /);
    expect(last({ paused: true })).to.match(/^PAUSED {2}3 identifiers/);
    expect(last({ editing: '7D' })).to.equal('filter: 7D_   enter: apply, ESC: cancel');
    const full = new Model([new Bus('can0')], 1);
    feed(full, '001#', '002#', '003#');
    expect(screen(full, 0).at(-1)).to.match(/^1 identifiers {2}by id {2}2 frames of others /);
  });

  it('applies a filter while it is typed', () => {
    const { model, now } = busy();
    const rows = screen(model, now, { editing: '7D' }).slice(3, 9);
    expect(rows.filter((line) => line !== '')).to.have.length(1);
  });

  it('shows the help, and fits into any size', () => {
    const { model, now } = busy();
    expect(screen(model, now, { help: true }, { ...OPTIONS, rows: 30 }).join('\n')).to.include('quit');
    for (let columns = 1; columns < 130; columns += 3) {
      for (const rows of [1, 2, 3, 4, 5, 24]) {
        for (const color of [false, true]) {
          const { lines } = render(model, FIRST_VIEW, { ...OPTIONS, columns, rows, color }, now);
          expect(lines.length).to.be.at.most(rows);
          for (const line of lines) expect(lineText(line, false).length).to.be.at.most(columns);
        }
      }
    }
  });

  it('marks changed bytes in bold for half a second, and in colour for two seconds', () => {
    const model = new Model([new Bus('can0')], 100);
    feed(model, { atNs: 0 }, '123#0102');
    feed(model, { atNs: SECOND }, '123#0103');
    const data = (now: number): string => {
      const line = screen(model, now, {}, { ...OPTIONS, color: true })[3] ?? '';
      return line.slice(line.lastIndexOf('0.000') + 7);
    };
    expect(data(1.4 * SECOND)).to.equal('01 \x1b[1;33m03\x1b[0m ');
    expect(data(2.9 * SECOND)).to.equal('01 \x1b[33m03\x1b[0m ');
    expect(data(3.1 * SECOND)).to.equal('01 03 ');
  });

  it('draws graphs with a mark for any value above 0, and none above the full height', () => {
    expect(sparkline([0, 0.001, 0.5, 1, 7], UNICODE)).to.equal(' ▁▄██');
    expect(bar(0.001, 4, ASCII) + bar(0, 4, ASCII) + bar(9, 4, ASCII)).to.equal('#.......####');
    expect(glyphsOf({ LANG: 'en_US.UTF-8' })).to.equal(UNICODE);
    expect(glyphsOf({ LC_ALL: 'C', LANG: 'en_US.UTF-8' })).to.equal(ASCII);
    expect(glyphsOf({})).to.equal(ASCII);
  });

  it('shortens numbers to their columns', () => {
    expect(fit(12.34567, 7, 3)).to.equal('12.346');
    expect(fit(12345.67, 7, 3)).to.equal('12345.7');
    expect(fit(123456789, 7, 0)).to.equal('123457k');
    for (let value = 1e-9; value < 1e15; value *= 7.3) {
      expect(fit(value, 7, 3).length).to.be.at.most(7);
    }
  });
});

describe('Painter', () => {
  it('writes all lines at first and after invalidate(), later only those that differ', () => {
    const { model, now } = busy();
    const painter = new Painter();
    const terminal = new VirtualScreen(10, 80);
    const paint = (options: RenderOptions = OPTIONS, at = now): string => {
      const output = painter.paint(render(model, FIRST_VIEW, options, at), options.color);
      terminal.write(output);
      return output;
    };
    paint();
    expect(terminal.lines).to.deep.equal(screen(model, now));
    expect(paint()).to.equal('');
    feed(model, { atNs: now }, '7DF#R4');
    const change = paint();
    expect(change.match(/\x1b\[\d+;1H/g)).to.deep.equal(['\x1b[2;1H', '\x1b[5;1H']);
    expect(terminal.lines).to.deep.equal(screen(model, now));
    painter.invalidate();
    expect(paint()).to.match(/^\x1b\[2J/);
    expect(terminal.lines).to.deep.equal(screen(model, now));
  });

  it('clears the rest of shorter lines, and the lines that disappear', () => {
    const { model, now } = busy();
    const painter = new Painter();
    const terminal = new VirtualScreen(10, 80);
    for (const options of [
      OPTIONS,
      { ...OPTIONS, color: true },
      { ...OPTIONS, columns: 40 },
      { ...OPTIONS, rows: 4 },
    ]) {
      terminal.write(painter.paint(render(model, FIRST_VIEW, options, now), options.color));
      const expected = render(model, FIRST_VIEW, options, now).lines.map((line) => lineText(line, false));
      while (expected.length < 10) expected.push('');
      expect(terminal.lines).to.deep.equal(expected.map((line) => line.trimEnd()));
    }
  });
});

describe('Keys', () => {
  it('decodes characters and sequences', () => {
    const keys = new Keys();
    expect(keys.decode('qA/\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~\r\x7f\x03')).to.deep.equal([
      ...['q', 'A', '/', 'up', 'down', 'page-up', 'page-down', 'home', 'end'],
      ...['enter', 'backspace', 'ctrl-c'],
    ]);
  });

  it('joins a sequence that comes in two parts, and takes a lone ESC as a key', () => {
    const keys = new Keys();
    expect(keys.decode('\x1b')).to.deep.equal(['escape']);
    expect(keys.decode('x\x1b[')).to.deep.equal(['x']);
    expect(keys.decode('5')).to.deep.equal([]);
    expect(keys.decode('~y')).to.deep.equal(['page-up', 'y']);
  });

  it('ignores function keys and control characters without a name', () => {
    expect(new Keys().decode('\x1b[15~\x1b[1;5A\x01\x1bOPz')).to.deep.equal(['z']);
  });
});

describe('press', () => {
  const extent = { rows: 100, page: 10 };
  function after(...keys: string[]): View {
    return keys.reduce((view, key) => press(view, key, extent).view, FIRST_VIEW);
  }

  it('changes the order, reverses it, and steps through the orders', () => {
    expect(after('r').sort).to.equal('rate');
    expect(after('r', 'v')).to.include({ sort: 'rate', reverse: true });
    expect(after('r', 'v', 'n')).to.include({ sort: 'count', reverse: false });
    expect(after('s', 's', 's', 's').sort).to.equal('period');
    expect(after('s', 's', 's', 's', 's').sort).to.equal('id');
  });

  it('scrolls within the rows', () => {
    expect(after('up').top).to.equal(0);
    expect(after('down', 'page-down', 'down').top).to.equal(12);
    expect(after('end').top).to.equal(90);
    expect(after('end', 'page-down', 'up').top).to.equal(89);
    expect(after('end', 'home').top).to.equal(0);
    expect(press(FIRST_VIEW, 'page-down', { rows: 5, page: 10 }).view.top).to.equal(0);
  });

  it('edits a filter with all keys; enter applies it, and ESC restores the one before', () => {
    expect(after('/', 'q', 'x', 'backspace').editing).to.equal('q');
    const filtered = after('/', '1', '8', 'f', 'enter');
    expect([filtered.filter.text, filtered.editing]).to.deep.equal(['18f', undefined]);
    const left = ['/', '9', 'escape'].reduce((view, key) => press(view, key, extent).view, filtered);
    expect([left.filter.text, left.editing]).to.deep.equal(['18f', undefined]);
    expect(press(filtered, 'escape', extent).view.filter.text).to.equal('');
  });

  it('quits by q unless a filter is edited, and by Ctrl-C always', () => {
    expect(press(FIRST_VIEW, 'q', extent).action).to.equal('quit');
    expect(press(after('/'), 'q', extent).action).to.equal(undefined);
    for (const view of [after(), after('/'), after('?'), after('p')]) {
      expect(press(view, 'ctrl-c', extent).action).to.equal('quit');
    }
  });

  it('pauses, resets, and shows the help', () => {
    expect(after('p').paused).to.equal(true);
    expect(after('p', ' ').paused).to.equal(false);
    expect(press(after('end'), 'x', extent)).to.deep.include({ action: 'reset' });
    expect(after('?').help).to.equal(true);
    expect(after('?', 'z').help).to.equal(false);
  });
});
