#!/usr/bin/env node
import type * as Main from './main';
import { processTerminal } from './terminal';

/** Commands that have to do with other nodes. */
const TALKERS: readonly string[] = ['dump', 'send', 'gen', 'record', 'monitor', 'bridge'];
const ALONE =
  'socketcan: a virtual bus is this process\'s own, and no one else is on it: join commands by "+", as in ' +
  '"socketcan dump virtual:a + gen virtual:a"';

/** Whether a command has a virtual bus for itself, which does no harm, and is no use. */
function isAlone([name = '', ...words]: readonly string[]): boolean {
  const others = ['+', '--demo', '--help', '-h'];
  return (
    TALKERS.includes(name) &&
    words.some((word) => word.startsWith('virtual:')) &&
    !words.some((word) => others.includes(word))
  );
}

async function run(): Promise<number> {
  const terminal = processTerminal();
  try {
    // Only here, as it cannot be loaded where koffi has no binary for the machine.
    const { main } = module.require('./main') as typeof Main;
    const argv = process.argv.slice(2);
    if (terminal.stderr.isTTY && isAlone(argv)) terminal.tell(ALONE);
    const code = await main(argv, terminal);
    const failure = await terminal.settled();
    if (failure === undefined || code !== 0) return code;
    terminal.tell(`socketcan: ${failure.message}`);
    return 1;
  } catch (error) {
    const { platform, arch, version } = process;
    const why = error instanceof Error ? error.message : String(error);
    terminal.tell(`socketcan: the library cannot be loaded on ${platform} ${arch} with Node.js ${version}: ${why}`);
    return 1;
  } finally {
    terminal.close();
  }
}

void run().then((code) => {
  process.exitCode = code;
});
