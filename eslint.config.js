import { defineConfig, globalIgnores } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** What a meter sends is hostile text: it never becomes markup. */
const markup = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'srcdoc'].map((name) => ({
  selector: name.includes('.')
    ? `CallExpression[callee.object.name='document'][callee.property.name='write']`
    : `MemberExpression[property.name='${name}']`,
  message: 'Build nodes, never markup from text.',
}));

const everywhere = [{ selector: 'TSEnumDeclaration', message: 'Use a union of literals.' }, ...markup];

/** What is true of one protocol only stands in its folder; everybody else asks for what it can do. */
const protocolNames = {
  selector: 'Literal[value=/^(IEC62056-21|MBUS|MODBUS|INMAT|LOTOS|AIN_DIN|DLMS|SML)$/]',
  message: 'Ask a protocol for what it can do, not for its name.',
};

export default defineConfig(
  globalIgnores(['dist', '.cache', 'test-results']),
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...everywhere],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-misused-spread': 'off', // no emoji on a meter's line
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/unbound-method': 'off', // objects made by functions have no `this` to lose
      '@typescript-eslint/require-await': 'off', // async so that a throw becomes a rejection
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off', // older browsers lack what the types promise
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // event targets
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off', // `parse<Row>(text)` reads better than a cast
      '@typescript-eslint/no-unnecessary-condition': 'off', // messages of workers and stored data are checked even where the type is sure
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'svelte/prefer-svelte-reactivity': 'off', // it also flags a local Set that never changes
      '@typescript-eslint/no-meaningless-void-operator': 'off', // `void state;` makes an effect depend on it
      'svelte/no-useless-mustaches': 'off', // {' '} keeps a space that the formatter would move
      'svelte/no-navigation-without-resolve': 'off', // SvelteKit's resolve(); routes are in the hash here
    },
  },
  {
    // ESLint sees no cast in JSDoc and no props of a component; tsc and svelte-check do.
    files: ['**/*.js', '**/*.cjs', '**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
    },
  },
  {
    // Which transports there are is known in one place.
    files: ['src/**'],
    ignores: ['src/ports/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['serial', 'usb', 'bluetooth'].map((property) => ({
          object: 'navigator',
          property,
          message: 'Ask `transports` of src/ports.',
        })),
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/protocols/*/**', 'src/protocols/names.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, protocolNames] },
  },
  {
    files: ['src/views/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/worker.ts'], message: "Import its URL: './worker.ts?worker&url'." }] },
      ],
    },
  },
);
