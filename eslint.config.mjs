import { defineConfig } from 'eslint/config';
import jest from 'eslint-plugin-jest';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist/**', '.cache/**', 'coverage/**', 'docs/**', 'node_modules/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    extends: [rxjsX.configs.strict],
    rules: {
      // Everything public takes an options object of its own; teardown is owned where the subscription is made.
      'rxjs-x/no-exposed-subjects': 'off',
      'rxjs-x/finnish': 'off',
      'rxjs-x/no-ignored-subscription': 'off',
      // Our own streams carry failures as values; a handler that can never run would only say that they do not.
      'rxjs-x/no-ignored-error': 'off',
      // A stream that is merged with one that ends or a timer that fires is never empty.
      'rxjs-x/no-ignored-default-value': 'off',
      'rxjs-x/throw-error': 'off',
    },
  },
  {
    files: ['spec/**/*.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'jest/no-disabled-tests': 'error',
      'jest/expect-expect': 'off',
      'jest/no-standalone-expect': 'off',
      'jest/no-conditional-expect': 'off',
      'jest/no-done-callback': 'off',
    },
  },
);
