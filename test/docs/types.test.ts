import { expect } from 'chai';
import { join } from 'node:path';
import ts from 'typescript';
import { examplesOf, PAGES, read, ROOT, snippetsOf } from '../support/docs/docs';

/** The settings of tsconfig.json, which include those of strict users. */
function settings(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options, errors } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  expect(errors).to.deep.equal([]);
  // Compile each block as an ES module, which allows top-level await. The package itself is CommonJS.
  return {
    ...options,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
}

/** The compiler's messages about these modules, compiled as one program. */
function complaints(modules: ReadonlyMap<string, string>): string[] {
  const options = { ...settings(), paths: { 'socketcan-ffi': [join(ROOT, 'src/index.ts')] } };
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (path) => modules.has(path) || fileExists(path);
  host.readFile = (path) => modules.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = modules.get(path);
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) => {
        const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
        return `${path.slice(ROOT.length + 1)}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      },
    );
  });
}

/** The snippets as modules next to the sources, so that they find the same types of Node. */
function modulesOf(page: string, snippets: readonly string[]): [string, string][] {
  return snippets.map((code, index) => {
    const name = `${page.replace(/\W/g, '-')}-${index + 1}.ts`;
    return [join(ROOT, 'src', name), code.includes('import ') ? code : `export {};\n${code}`];
  });
}

describe('The TypeScript of the documentation', () => {
  it('compiles: every block of the README, and every complete example of the other pages', () => {
    const readme = snippetsOf(read('README.md'));
    expect(readme).to.have.length.above(7);
    const others = PAGES.filter((page) => page !== 'README.md');
    const modules = new Map([
      ...modulesOf('README.md', readme),
      ...others.flatMap((page) => modulesOf(page, examplesOf(read(page)))),
    ]);
    expect(complaints(modules)).to.deep.equal([]);
  });

  it('fails this check when it is wrong', () => {
    const code = "import { CANSocket } from 'socketcan-ffi';\nnew CANSocket(1).sned();\n";
    const [first = '', second = ''] = complaints(new Map([[join(ROOT, 'src/wrong.ts'), code]]));
    expect(first).to.match(/^src\/wrong\.ts:2 .*not assignable to parameter of type 'string'/);
    expect(second).to.contain("Property 'sned' does not exist");
  });
});
