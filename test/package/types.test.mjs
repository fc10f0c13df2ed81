import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bareEnvironment, install, ROOT, temporaryFolder } from './tarball.mjs';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** A user's program. The correct lines must compile, and those after @ts-expect-error must not. */
const PROGRAM = `
import {
  CANSocket, DataFrame, FilterConfiguration, FrameFormat, SocketCANMedia, VirtualBus,
  type Frame, type ReceivedEnvelope, type ReceivedFrame, type SendResult,
} from 'socketcan-ffi';

export async function use(signal: AbortSignal): Promise<SendResult> {
  const bus: VirtualBus = VirtualBus.get('types');
  const socket = new CANSocket(bus.interfaceName, {
    filters: [new FilterConfiguration(0x100, 0x7f0, FrameFormat.Base)],
    errorMask: ['bus-off'],
    signal,
  });
  socket.on('frames', (frames) => {
    const first: ReceivedFrame | undefined = frames[0];
    const frame: Frame | undefined = first?.frame;
    if (frame instanceof DataFrame) frame.data satisfies Uint8Array;
    first?.timestamp.systemNs satisfies bigint | undefined;
  });
  for await (const { own } of socket.frames({ limit: 10 })) own satisfies boolean;
  const media = new SocketCANMedia('can0', 64);
  media.start((frames: readonly ReceivedEnvelope[]) => void frames.length, false);
  // @ts-expect-error a deadline is a bigint
  await media.send([], 5);
  // @ts-expect-error there is no such option
  new CANSocket('can0', { bitrate: 500_000 });
  // @ts-expect-error frames are immutable
  new DataFrame(FrameFormat.Extended, 1, new Uint8Array(8)).identifier = 2;
  await media[Symbol.asyncDispose]();
  return socket.send(new DataFrame(11, 0x123, Uint8Array.of(1)), { timeoutMs: 100 });
}
`;

/** @type {readonly (readonly [string, string, object])[]} */
const CONSUMERS = [
  ['node16, CommonJS', 'user.cts', { module: 'node16', moduleResolution: 'node16' }],
  ['node16, ES modules', 'user.mts', { module: 'node16', moduleResolution: 'node16' }],
  ['nodenext, CommonJS', 'user.cts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['nodenext, ES modules', 'user.mts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['bundler', 'user.ts', { module: 'esnext', moduleResolution: 'bundler' }],
  ['bundler, module preserve', 'user.ts', { module: 'preserve', moduleResolution: 'bundler' }],
];

describe('The types of the package', () => {
  const folder = temporaryFolder();
  const project = join(folder, 'project');

  before(() => {
    install(project, process.execPath, bareEnvironment(folder, process.execPath));
    mkdirSync(join(project, 'node_modules', '@types'), { recursive: true });
    const types = join(ROOT, 'node_modules', '@types', 'node');
    symlinkSync(types, join(project, 'node_modules', '@types', 'node'));
  });

  for (const [index, [name, file, options]] of CONSUMERS.entries()) {
    it(`compile in a strict consumer: ${name}`, () => {
      const place = join(project, `consumer-${index}`);
      const compilerOptions = {
        ...options,
        target: 'es2022',
        lib: ['es2022'],
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
      };
      mkdirSync(place);
      writeFileSync(join(place, file), PROGRAM);
      writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
      const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', place], {
        cwd: dirname(place),
        encoding: 'utf8',
      });
      expect(stdout).to.equal('');
      expect(status).to.equal(0);
    });
  }
});
