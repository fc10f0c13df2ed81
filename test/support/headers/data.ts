import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluateC } from './compiler';
import { allValues, type Values } from './expressions';
import { MACHINES, type Machine } from './machines';

/** The values of the C headers of a machine, as in data/<machine>.json. */
export interface HeaderData {
  readonly command: string;
  /** The version of the headers. */
  readonly linux: string;
  readonly glibc: string;
  readonly values: Values;
}

const LINUX = 'LINUX_VERSION_CODE';
const GLIBC = '__GLIBC__ * 1000 + __GLIBC_MINOR__';

/** Compiles all expressions for a machine and returns their values. */
export function print(machine: Machine): HeaderData {
  const expressions = Object.keys(allValues(machine.abi)).sort();
  const { [LINUX]: linux = 0, [GLIBC]: glibc = 0, ...values } = evaluateC([...expressions, LINUX, GLIBC], machine);
  return {
    command: 'node scripts/print-headers.mjs',
    linux: [linux >> 16, (linux >> 8) & 0xff].join('.'),
    glibc: [Math.floor(glibc / 1000), glibc % 1000].join('.'),
    values,
  };
}

/** Returns the committed data of a machine. */
export function committed({ name }: Machine): HeaderData {
  return JSON.parse(readFileSync(join(__dirname, 'data', `${name}.json`), 'utf8')) as HeaderData;
}

/** Writes the data of all machines to a directory. */
export function writeAll(directory: string): void {
  for (const machine of MACHINES) {
    const text = `${JSON.stringify(print(machine), null, 2)}\n`;
    writeFileSync(join(directory, `${machine.name}.json`), text);
  }
}
