import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** The directory of package.json. Tests run from their sources or from build/. */
function findRoot(): string {
  let directory = __dirname;
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

export const ROOT = findRoot();

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** All pages, relative to the project. Excludes docs/api: typedoc creates it and checks its links. */
export const PAGES: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'examples/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('api/'))
    .map((name) => `docs/${name}`),
];

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
}

/** The names of an interface's own members, from the source text. */
export function membersOf(path: string, interfaceName: string): string[] {
  const source = parse(path);
  const found = source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text === interfaceName)
    .flatMap(({ members }) => members.map(({ name }) => name?.getText(source) ?? ''));
  if (found.length === 0) throw new Error(`${path} has no interface ${interfaceName}`);
  return found;
}

/** The string literals of a type, for example of a union, from the source text. */
export function literalsOf(path: string, typeName: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) found.push(node.text);
    else ts.forEachChild(node, visit);
  };
  parse(path)
    .statements.filter(ts.isTypeAliasDeclaration)
    .filter(({ name }) => name.text === typeName)
    .forEach(visit);
  if (found.length === 0) throw new Error(`${path} has no literals in a type ${typeName}`);
  return found;
}

/** A page without its code blocks, where # and brackets have other meanings. */
function prose(markdown: string): string {
  return markdown.replace(/^```[^]*?^```$/gm, '');
}

export function headingsOf(markdown: string): string[] {
  return [...prose(markdown).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text);
}

/** The anchor that GitHub gives to a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** The relative links: file (empty: the page itself) and anchor (may be empty). */
export function linksOf(markdown: string): { readonly file: string; readonly anchor: string }[] {
  return [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return { file, anchor };
    });
}

/** The TypeScript of a page, block by block. */
export function snippetsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code);
}

/** The examples of a page that print something and need no interface of the kernel. */
export function examplesOf(markdown: string): string[] {
  return snippetsOf(markdown)
    .filter((code) => code.includes("from 'socketcan-ffi'") && !/\('can0'|listInterfaces/.test(code))
    .filter((code) => code.includes('console.log'));
}

/** The text that an example claims to print: the comments after console.log, on its line or the next. */
export function promisedBy(code: string): string[] {
  const said = [...code.matchAll(/console\.log\(.*\);?\s*\/\/ (.*)$/gm)].map(([, text]) => text);
  return said.join(', ').split(', ');
}
