#!/usr/bin/env node
import type * as Main from './main';
import { processTerminal } from './terminal';

async function run(): Promise<number> {
  const terminal = processTerminal();
  try {
    // Only here, as it cannot be loaded where koffi has no binary for the machine.
    const { main } = module.require('./main') as typeof Main;
    return await main(process.argv.slice(2), terminal);
  } catch (error) {
    const { platform, arch, version } = process;
    const why = error instanceof Error ? error.message : String(error);
    terminal.tell(
      `socketcan: the library cannot be loaded on ${platform} ${arch} with Node.js ${version}: ${why}`,
    );
    return 1;
  } finally {
    terminal.close();
  }
}

void run().then((code) => {
  process.exitCode = code;
});
