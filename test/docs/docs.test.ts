import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MediaError } from '../../src';
import { ERROR_CLASSES } from '../../src/frame/error-names';
import { anchorOf, headingsOf, linksOf, literalsOf, membersOf, PAGES, read, ROOT } from '../support/docs/docs';

/** The names that no row of a table on this page begins with. */
function withoutRow(page: string, names: readonly string[]): string[] {
  const rows = [...read(page).matchAll(/^\| (`[^|]*`) +\|/gm)].map(([, cell = '']) => cell);
  return names.filter((name) => !rows.some((cell) => cell.includes(`\`${name}\``)));
}

function withoutMention(page: string, names: readonly string[]): string[] {
  const text = read(page);
  return names.filter((name) => !text.includes(`\`${name}\``));
}

describe('The documentation', () => {
  it('lists every error code of the library as a heading, and no other', () => {
    const headings = headingsOf(read('docs/errors.md')).filter((text) => text.startsWith('ERR_'));
    expect(headings).to.have.members(literalsOf('src/errors.ts', 'SocketCANErrorCode'));
  });

  it('lists every option of a socket, a send, a loop and a media', () => {
    const media = membersOf('src/media/socketcan-media.ts', 'SocketCANMediaOptions');
    const shared = ['receiveBufferSize', 'reopen', 'signal', 'poller', 'coalesceMs'];
    expect(withoutRow('docs/socketcanmedia.md', [...media, ...shared])).to.deep.equal([]);
    const options = [
      ...membersOf('src/raw/options.ts', 'CANSocketOptions'),
      ...membersOf('src/raw/transmit/send-options.ts', 'SendOptions'),
      ...membersOf('src/channel/receive/iteration.ts', 'IterationOptions'),
    ];
    expect(withoutRow('docs/cansocket.md', options)).to.deep.equal([]);
  });

  it('lists every field of the statistics, of a received frame and of a timestamp', () => {
    const fields = [
      ...membersOf('src/channel/statistics.ts', 'ChannelStatistics'),
      ...membersOf('src/raw/statistics.ts', 'SocketStatistics'),
      ...membersOf('src/raw/receive/received-frame.ts', 'ReceivedFrame'),
      ...membersOf('src/timestamp.ts', 'Timestamp'),
    ];
    expect(withoutRow('docs/cansocket.md', fields)).to.deep.equal([]);
  });

  it('lists every field of a SendResult in one table, and names its confirmations and orders', () => {
    const [, part = ''] = read('docs/cansocket.md').split('`SendResult`:');
    const [table = ''] = part.trimStart().split('\n\n');
    const fields = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    expect(fields).to.have.members(membersOf('src/send-result.ts', 'SendResult'));
    const kinds = literalsOf('src/send-result.ts', 'Confirmation');
    expect(
      withoutMention(
        'docs/cansocket.md',
        kinds.map((kind) => `'${kind}'`),
      ),
    ).to.deep.equal([]);
    const orders = literalsOf('src/raw/transmit/order.ts', 'SendOrder');
    expect(
      withoutMention(
        'docs/transmit.md',
        orders.map((order) => `'${order}'`),
      ),
    ).to.deep.equal([]);
  });

  it('lists every event of a socket as a heading, and names it on the page of the media', () => {
    const events = membersOf('src/raw/events.ts', 'CANSocketEvents');
    const headings = headingsOf(read('docs/cansocket.md'));
    expect(headings).to.include.members(events.map((name) => `Event: \`'${name}'\``));
    const quoted = events.map((name) => `'${name}'`);
    expect(withoutMention('docs/socketcanmedia.md', quoted)).to.deep.equal([]);
  });

  it('lists every state of a socket', () => {
    const states = literalsOf('src/raw/events.ts', 'SocketState');
    expect(
      withoutRow(
        'docs/cansocket.md',
        states.map((state) => `'${state}'`),
      ),
    ).to.deep.equal([]);
  });

  it('lists every property of a filter', () => {
    const properties = membersOf('src/frame/can-filter.ts', 'CANFilter');
    expect(withoutRow('docs/filters.md', properties)).to.deep.equal([]);
  });

  it('lists every field of an interface', () => {
    const fields = [
      ...membersOf('src/netlink/can-interface.ts', 'CANInterface'),
      ...membersOf('src/netlink/controller.ts', 'CANController'),
    ];
    expect(withoutRow('docs/interfaces.md', fields)).to.deep.equal([]);
    const counts = [
      ...membersOf('src/netlink/controller.ts', 'DeviceStatistics'),
      ...membersOf('src/netlink/traffic.ts', 'Traffic'),
    ];
    expect(withoutMention('docs/interfaces.md', counts)).to.deep.equal([]);
  });

  it('lists every setting of a virtual bus, and names every fault', () => {
    const settings = membersOf('src/virtual/settings.ts', 'BusSettings');
    const faults = membersOf('src/virtual/faults.ts', 'BusFaults');
    expect(withoutRow('docs/virtual.md', settings)).to.deep.equal([]);
    expect(withoutMention('docs/virtual.md', faults)).to.deep.equal([]);
  });

  it('lists every error class with its bit, and every error of a media', () => {
    const page = read('docs/frames.md');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| 0x([0-9a-f]{3}) /gm)];
    const documented = rows.map(([, name, bit]) => [name, Number.parseInt(bit ?? '', 16)]);
    expect(documented).to.deep.equal(ERROR_CLASSES);
    const errors = Object.keys(MediaError).map((name) => `MediaError.${name}`);
    expect(withoutRow('docs/socketcanmedia.md', errors)).to.deep.equal([]);
  });

  it('links to every page, directly or indirectly, from the README', () => {
    const found = new Set(['README.md']);
    for (const page of found) {
      if (!page.endsWith('.md')) continue;
      for (const { file } of linksOf(read(page))) {
        if (file !== '') found.add(join(dirname(page), file));
      }
    }
    expect([...found]).to.include.members(PAGES);
  });

  for (const page of PAGES) {
    it(`links from ${page} only to files and headings that exist`, () => {
      for (const { file, anchor } of linksOf(read(page))) {
        const target = file === '' ? page : join(dirname(page), file);
        expect(existsSync(join(ROOT, target)), `${target} exists`).to.equal(true);
        if (anchor === '') continue;
        expect(headingsOf(read(target)).map(anchorOf), target).to.include(anchor);
      }
    });
  }
});
