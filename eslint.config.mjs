import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const OWN_MODULE = 'ImportDeclaration[source.value=/^\\./] ImportNamespaceSpecifier';

/** Words that comments do without: reports, again, no longer, is invalid, lacks, ... say it plainly. */
const UNPLAIN = ['told', 'anew', 'any more', 'is none', 'are none', 'to be had', 'as it is', 'mend', 'obey'];

export default defineConfig(
  {
    ignores: ['dist/', 'build/', 'coverage/', '.nodes/', 'docs/api/', 'bench/build/', 'bench/.peers/'],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: { '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }] },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    extends: [tseslint.configs.recommended],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // Prettier wraps code at this width, but not comments.
    rules: {
      'max-len': ['error', { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreUrls: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/member-ordering': ['error', { default: ['signature', 'field', 'constructor', 'method'] }],
      'no-restricted-syntax': [
        'error',
        { selector: OWN_MODULE, message: 'Import each name from the file that defines it.' },
        { selector: 'MethodDefinition[key.name="then"]', message: 'A method "then" makes its object a thenable.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-warning-comments': ['error', { terms: UNPLAIN, location: 'anywhere' }] },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);
