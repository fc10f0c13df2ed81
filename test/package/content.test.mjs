import { expect } from 'chai';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesIn, ROOT, TARBALL, temporaryFolder, unpack } from './tarball.mjs';

const KIB = 1024;

const sources = filesIn(join(ROOT, 'src'));
const pages = filesIn(join(ROOT, 'docs')).filter((path) => !path.startsWith('api/'));

/** All published files. A new one must be added here. */
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

/** Bundled sources of other authors and of scripts, which the package does not contain. */
const BUILT_IN = /^\.\.\/(?:node_modules\/ref-struct-di\/|scripts\/debug\.cjs$)/;

/** The source file of a declaration or of its map; undefined for any other file. */
function declared(path) {
  const [, stem] = /^dist\/(.*)\.d\.ts(?:\.map)?$/.exec(path) ?? [];
  return stem === undefined ? undefined : `${stem}.ts`;
}

describe('The published package', () => {
  const root = unpack(temporaryFolder());
  const files = filesIn(root);
  const read = (path) => readFileSync(join(root, path), 'utf8');

  it('contains the build, its sources and the documentation, and nothing else', () => {
    expect(files.filter((path) => declared(path) === undefined)).to.have.members(EXPECTED);
  });

  it('contains declarations of its sources, except those of the command line', () => {
    const declarations = files.map(declared).filter((path) => path !== undefined);
    expect(declarations).to.include('index.ts');
    expect(sources).to.include.members(declarations);
    expect(declarations.filter((path) => path.startsWith('cli/'))).to.deep.equal([]);
  });

  it('contains only pages and screenshots as documentation', () => {
    expect(pages.filter((path) => !/\.(md|svg|txt)$/.test(path))).to.deep.equal([]);
  });

  it('stays below 700 KiB packed and 3 MiB unpacked', () => {
    expect(statSync(TARBALL).size).to.be.below(700 * KIB);
    const unpacked = files.map((path) => statSync(join(root, path)).size);
    expect(unpacked.reduce((sum, size) => sum + size)).to.be.below(3072 * KIB);
  });

  it('contains no path of a machine and no address of a registry', () => {
    const hosts = /https?:\/\/[^\s"'/]*(?:registry|artifact|nexus|verdaccio)/i;
    const paths = /(?<![\w.~-])\/(?:root|work|Users|home\/\w+)\//;
    const here = [ROOT, homedir()].filter((path) => path.length > 1);
    for (const path of files) {
      const text = read(path);
      expect(text, path).not.to.match(hosts);
      expect(text, path).not.to.match(paths);
      for (const each of here) expect(text.includes(`${each}/`), `${path}: ${each}`).to.equal(false);
    }
  });

  it('runs no script on installation, and depends only on koffi', () => {
    const { scripts, dependencies, ...rest } = JSON.parse(read('package.json'));
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall', 'prepare');
    expect(Object.keys(dependencies)).to.have.members(['koffi']);
    expect(rest).not.to.have.any.keys('optionalDependencies', 'peerDependencies', 'bundleDependencies');
    expect(files.filter((path) => /\.(node|so|gyp)$/.test(path))).to.deep.equal([]);
  });

  it('contains executable programs', () => {
    const { bin = {} } = JSON.parse(read('package.json'));
    const programs = ['scripts/setup-vcan.sh', ...Object.values(bin)];
    for (const path of programs) {
      expect(read(path), path).to.match(/^#!/);
      expect(statSync(join(root, path)).mode & 0o111, path).not.to.equal(0);
    }
  });

  it('contains a source map for every built file, which names only sources in the package', () => {
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
      expect(read(mapped), mapped).to.match(new RegExp(`//# sourceMappingURL=${path.split('/').at(-1)}\\s*$`));
    }
  });
});
