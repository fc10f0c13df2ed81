import { expect } from 'chai';
import * as events from 'node:events';
import { once } from 'node:events';
import { format } from 'node:util';
import ts from 'typescript';
import * as library from '../../src';
import { examplesOf, PAGES, promisedBy, read } from '../support/docs/docs';

/** The modules that the examples import. */
const MODULES: Readonly<Record<string, object>> = {
  'socketcan-ffi': library,
  'node:events': events,
};

type Example = (modules: typeof MODULES, console: { log(...values: unknown[]): void }) => Promise<void>;

/** Compiles an example to an async function. Its imports become constants. */
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

/** The sockets and media of one example. The harness closes them also when the example fails. */
class Opened {
  readonly #open: { close(): Promise<void> }[] = [];

  /** The library, with classes that register what the example opens. */
  readonly modules = {
    ...MODULES,
    'socketcan-ffi': {
      ...library,
      CANSocket: this.#registering(library.CANSocket),
      SocketCANMedia: this.#registering(library.SocketCANMedia),
    },
  };

  #registering<C extends new (...args: never[]) => { close(): Promise<void> }>(original: C): C {
    return new Proxy(original, {
      construct: (target, args, newTarget) => {
        const opened = Reflect.construct(target, args, newTarget) as InstanceType<C>;
        this.#open.push(opened);
        return opened;
      },
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((each) => each.close()));
  }
}

describe('The examples of the documentation', () => {
  /**
   * Keeps the receiving thread alive over all examples. An example that had to start the thread
   * would spend the timeout of its `send` on that: on a busy machine the start takes seconds.
   */
  let keeper: library.CANSocket;

  before(async () => {
    keeper = new library.CANSocket('virtual:keeper', { receiveOwn: true });
    const arrived = once(keeper, 'frames');
    await keeper.send(library.parseFrame('123#'), { timeoutMs: 60_000 });
    await arrived;
  });

  after(() => keeper.close());

  for (const page of PAGES) {
    for (const [index, code] of examplesOf(read(page)).entries()) {
      it(`example ${index + 1} of ${page} prints what its comments say`, async () => {
        const before = process.listeners('warning');
        const printed: string[] = [];
        const log = (...values: unknown[]): void => void printed.push(format(...values));
        const opened = new Opened();
        try {
          await compile(code)(opened.modules, { log });
        } finally {
          await opened.close();
          for (const listener of process.listeners('warning')) {
            if (!before.includes(listener)) process.off('warning', listener);
          }
        }
        // A listener may print later than the line below it.
        expect(printed.join(', ').split(', ').sort()).to.deep.equal(promisedBy(code).sort());
      });
    }
  }
});
