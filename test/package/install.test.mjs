import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareEnvironment, filesIn, install, NODES, ROOT, temporaryFolder } from './tarball.mjs';

const { bin = {}, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Sends a frame over a built-in bus through the whole library, and prints the received frame. */
const EXCHANGE = `
async function exchange() {
  const sender = new CANSocket('virtual:user');
  const receiver = new CANSocket('virtual:user');
  const arrived = new Promise((resolve) => receiver.once('frames', resolve));
  await sender.send(parseFrame('123#DEADBEEF'), { timeoutMs: 60_000 });
  const [{ frame }] = await arrived;
  console.log(String(frame));
  await Promise.all([sender.close(), receiver.close()]);
}
`;

/** Programs of users and their output. */
const PROGRAMS = {
  'require.cjs': [
    `const { CANSocket, parseFrame } = require('socketcan-ffi');${EXCHANGE}exchange();`,
    '123#DEADBEEF\n',
  ],
  'import.mjs': [
    `import { CANSocket, parseFrame } from 'socketcan-ffi';${EXCHANGE}await exchange();`,
    '123#DEADBEEF\n',
  ],
  'dynamic.cjs': [
    `import('socketcan-ffi').then(({ CANSocket, parseFrame }) => {${EXCHANGE}return exchange(); });`,
    '123#DEADBEEF\n',
  ],
  'one.mjs': [
    `import { createRequire } from 'node:module';
     import * as imported from 'socketcan-ffi';
     const required = createRequire(import.meta.url)('socketcan-ffi');
     console.log(imported.CANSocket === required.CANSocket, Object.keys(required).every((name) => name in imported));`,
    'true true\n',
  ],
  'names.cjs': [
    `console.log(Object.entries(require('socketcan-ffi'))
       .filter(([name, value]) => typeof value === 'function' && value.name !== name));`,
    '[]\n',
  ],
  'version.cjs': [`console.log(require('socketcan-ffi/package.json').version);`, `${version}\n`],
  'deep.cjs': [
    `try { require('socketcan-ffi/dist/libc'); } catch (error) { console.log(error.code); }`,
    'ERR_PACKAGE_PATH_NOT_EXPORTED\n',
  ],
  'stack.cjs': [
    `try { require('socketcan-ffi').parseFrame('?'); } catch (error) {
       const [, first] = error.stack.match(/\\(?(\\S+:\\d+:\\d+)\\)?$/m);
       console.log(first.replace(/^.*socketcan-ffi./, '').replace(/:.*/, ''));
     }`,
    'src/frame/frame-text.ts\n',
  ],
};

for (const [major, node] of NODES) {
  describe(`The package, installed without scripts or a compiler on Node ${major}`, () => {
    const folder = temporaryFolder();
    const project = join(folder, 'project');
    const environment = bareEnvironment(folder, node);

    before(() => {
      for (const program of ['cc', 'gcc', 'g++', 'make', 'python3', 'sh']) {
        /** @type {{ error?: NodeJS.ErrnoException }} */
        const { error } = spawnSync(program, ['--version'], { env: environment });
        expect(error?.code, program).to.equal('ENOENT');
      }
      const programs = Object.entries(PROGRAMS).map(([name, [text]]) => [name, text]);
      install(project, node, environment, Object.fromEntries(programs));
    });

    for (const [name, [, printed]] of Object.entries(PROGRAMS)) {
      it(`runs ${name} to its end without a warning`, () => {
        const { status, stdout, stderr } = spawnSync(node, ['--enable-source-maps', name], {
          cwd: project,
          env: environment,
          encoding: 'utf8',
          timeout: 100_000,
        });
        expect({ status, stdout, stderr }).to.deep.equal({
          status: 0,
          stdout: printed,
          stderr: '',
        });
      });
    }

    it('installs only the prebuilt binary of koffi', () => {
      const binaries = filesIn(join(project, 'node_modules')).filter((path) => /\.(node|o)$/.test(path));
      expect(binaries.length).to.be.above(0);
      expect(binaries.filter((path) => !path.startsWith('@koromix/'))).to.deep.equal([]);
    });

    it('installs a program that receives its own frames through the thread', () => {
      const program = join(project, 'node_modules', 'socketcan-ffi', bin.socketcan);
      const words = 'dump virtual:a + gen virtual:a --count 3'.split(' ');
      const { status, stderr } = spawnSync(node, [program, ...words], {
        cwd: project,
        env: environment,
        encoding: 'utf8',
        timeout: 100_000,
      });
      expect(stderr).to.contain('virtual:a: received 3 frames, lost 0');
      expect(status).to.equal(0);
    });

    for (const name of Object.keys(bin)) {
      it(`installs the program ${name}, which prints its --help`, () => {
        const program = join(project, 'node_modules', '.bin', name);
        // Started through node_modules/.bin: its first line names env(1).
        const text = execFileSync(program, ['--help'], {
          cwd: project,
          env: { ...environment, PATH: `${environment.PATH}:/usr/bin:/bin` },
          encoding: 'utf8',
        });
        expect(text).to.contain(name);
      });
    }
  });
}
