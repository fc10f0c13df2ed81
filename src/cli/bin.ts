#!/usr/bin/env node
import { main } from './main';
import { processTerminal } from './terminal';

const terminal = processTerminal();
void main(process.argv.slice(2), terminal).then((code) => {
  process.exitCode = code;
  terminal.close();
});
