#!/usr/bin/env node
import type { main as Main } from './main';
import { processTerminal } from './stream-terminal';

async function run(): Promise<number> {
  const terminal = processTerminal();
  try {
    // Required here, because loading it fails where koffi has no binary for the machine.
    const { main } = module.require('./main') as { readonly main: typeof Main };
    const code = await main(process.argv.slice(2), terminal);
    const failure = await terminal.settled();
    if (failure === undefined || code !== 0) return code;
    terminal.report(`socketcan: ${failure.message}`);
    return 1;
  } catch (error) {
    const { platform, arch, version } = process;
    const reason = error instanceof Error ? error.message : String(error);
    terminal.report(
      `socketcan: the library cannot be loaded on ${platform} ${arch} with Node.js ${version}: ${reason}`,
    );
    return 1;
  } finally {
    terminal.close();
  }
}

void run().then((code) => {
  process.exitCode = code;
});
