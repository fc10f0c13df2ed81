import { expect } from 'chai';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesIn, ROOT, TARBALL, temporaryFolder, unpack } from './tarball.mjs';

const KIB = 1024;

const sources = filesIn(join(ROOT, 'src'));
const pages = filesIn(join(ROOT, 'docs')).filter((path) => !path.startsWith('api/'));

/** Everything that is published. Whoever adds to it decides so here. */
const EXPECTED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'scripts/setup-vcan.sh',
  ...pages.map((path) => `docs/${path}`),
  ...sources.map((path) => `src/${path}`),
  ...['index', 'thread', 'bin'].flatMap((name) => [`dist/${name}.js`, `dist/${name}.js.map`]),
  'dist/ref-struct-di.LICENSE',
];

/** What is not ours in what is built, and not published as source. */
const BUILT_IN = /^\.\.\/(?:node_modules\/ref-struct-di\/|scripts\/debug\.cjs$)/;

/** The source file a declaration, or its map, is of; undefined for anything else. */
function declared(path) {
  const [, stem] = /^dist\/(.*)\.d\.ts(?:\.map)?$/.exec(path) ?? [];
  return stem === undefined ? undefined : `${stem}.ts`;
}

describe('The published package', () => {
  const root = unpack(temporaryFolder());
  const files = filesIn(root);
  const read = (path) => readFileSync(join(root, path), 'utf8');

  it('is what is built from src, its source, its documentation, and nothing else', () => {
    expect(files.filter((path) => declared(path) === undefined)).to.have.members(EXPECTED);
  });

  it('has declarations of its source, and none of the command line', () => {
    const declarations = files.map(declared).filter((path) => path !== undefined);
    expect(declarations).to.include('index.ts');
    expect(sources).to.include.members(declarations);
    expect(declarations.filter((path) => path.startsWith('cli/'))).to.deep.equal([]);
  });

  it('has documentation that is pages, and captures of a screen', () => {
    expect(pages.filter((path) => !/\.(md|svg|txt)$/.test(path))).to.deep.equal([]);
  });

  it('is smaller than 700 KiB packed and 3 MiB unpacked', () => {
    expect(statSync(TARBALL).size).to.be.below(700 * KIB);
    const unpacked = files.map((path) => statSync(join(root, path)).size);
    expect(unpacked.reduce((sum, size) => sum + size)).to.be.below(3072 * KIB);
  });

  it('has no path of a machine and no address of a registry in it', () => {
    const hosts = /https?:\/\/[^\s"'/]*(?:registry|artifact|nexus|verdaccio)/i;
    const paths = /(?<![\w.~-])\/(?:root|work|Users|home\/\w+)\//;
    const here = [ROOT, homedir()].filter((path) => path.length > 1);
    for (const path of files) {
      const text = read(path);
      expect(text, path).not.to.match(hosts);
      expect(text, path).not.to.match(paths);
      for (const each of here)
        expect(text.includes(`${each}/`), `${path}: ${each}`).to.equal(false);
    }
  });

  it('runs no script when it is installed, and depends on koffi alone', () => {
    const { scripts, dependencies, ...rest } = JSON.parse(read('package.json'));
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall', 'prepare');
    expect(Object.keys(dependencies)).to.have.members(['koffi']);
    expect(rest).not.to.have.any.keys(
      'optionalDependencies',
      'peerDependencies',
      'bundleDependencies',
    );
    expect(files.filter((path) => /\.(node|so|gyp)$/.test(path))).to.deep.equal([]);
  });

  it('has programs that can be run', () => {
    const { bin = {} } = JSON.parse(read('package.json'));
    const programs = ['scripts/setup-vcan.sh', ...Object.values(bin)];
    for (const path of programs) {
      expect(read(path), path).to.match(/^#!/);
      expect(statSync(join(root, path)).mode & 0o111, path).not.to.equal(0);
    }
  });

  it('has source maps that name sources in it, and end every file they belong to', () => {
    const maps = files.filter((path) => path.endsWith('.map'));
    const built = files.filter((path) => /^dist\/.*\.(?:js|d\.ts)$/.test(path));
    expect(maps).to.have.members(built.map((path) => `${path}.map`));
    for (const path of maps) {
      const { sources: named, sourceRoot } = JSON.parse(read(path));
      for (const source of named) {
        if (BUILT_IN.test(source)) continue;
        const target = join(root, dirname(path), sourceRoot ?? '', source);
        expect(existsSync(target), `${path}: ${source}`).to.equal(true);
      }
      const mapped = path.replace(/\.map$/, '');
      expect(read(mapped), mapped).to.match(
        new RegExp(`//# sourceMappingURL=${path.split('/').at(-1)}\\s*$`),
      );
    }
  });
});
