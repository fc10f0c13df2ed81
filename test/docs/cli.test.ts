import { expect } from 'chai';
import { COMMANDS } from '../../src/cli/main/commands';
import { headingsOf, read } from '../support/docs/docs';

describe('The documentation of the command line', () => {
  const page = read('docs/cli.md');

  for (const { name, usage } of COMMANDS) {
    it(`quotes the --help of ${name} word for word, in a section of its own`, () => {
      expect(headingsOf(page)).to.include(`\`socketcan ${name}\``);
      expect(page).to.include(`\`\`\`text\n${usage.trim()}\n\`\`\``);
    });
  }
});
