/**
 * Prints the constants, sizes and offsets of the C headers that the library relies on, for each machine, into
 * test/support/headers/data/. The tests compare the library with these files:
 *
 *   node scripts/print-headers.mjs
 *
 * It takes a C compiler for each machine. Nothing is run, only compiled:
 *
 *   sh scripts/install-packages.sh gcc libc6-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross \
 *     gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
require('ts-node/register');
const { writeAll } = require('../test/support/headers/data.ts');
writeAll(fileURLToPath(new URL('../test/support/headers/data', import.meta.url)));
