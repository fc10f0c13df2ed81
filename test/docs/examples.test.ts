import { expect } from 'chai';
import * as events from 'node:events';
import { format } from 'node:util';
import ts from 'typescript';
import * as library from '../../src';
import { examplesOf, PAGES, promisedBy, read } from '../support/docs/docs';

/** What the examples import. */
const MODULES: Readonly<Record<string, object>> = {
  'socketcan-ffi': library,
  'node:events': events,
};

type Example = (
  modules: typeof MODULES,
  console: { log(...values: unknown[]): void },
) => Promise<void>;

/** An example as a function: its imports become constants, it may wait at its top. */
function compile(code: string): Example {
  const body = code.replace(
    /^import \{([^}]*)\} from '([^']*)';$/gm,
    (_, names: string, from: string) => `const {${names}} = modules['${from}'];`,
  );
  const program = `const example = async (modules, console) => {\n${body}\n};`;
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- examples of our own pages
  return (new Function(`${outputText} return example;`) as () => Example)();
}

describe('The examples of the documentation', () => {
  for (const page of PAGES) {
    for (const [index, code] of examplesOf(read(page)).entries()) {
      it(`print what they say they do: ${page}, ${index + 1}`, async () => {
        const before = process.listeners('warning');
        const printed: string[] = [];
        const log = (...values: unknown[]): void => void printed.push(format(...values));
        await compile(code)(MODULES, { log });
        for (const listener of process.listeners('warning')) {
          if (!before.includes(listener)) process.off('warning', listener);
        }
        // A listener may print later than the line below it.
        expect(printed.join(', ').split(', ').sort()).to.deep.equal(promisedBy(code).sort());
      });
    }
  }
});
