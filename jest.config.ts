/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const esm = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(' ')].includes(
  '--experimental-vm-modules',
);
// Without the flag (jest started directly) the specs run as CommonJS; these dependencies are ESM only.
const esmOnly = [
  ...['chokidar', 'readdirp', 'lru-cache', 'smol-toml', 'dequal'],
  ...['string-width', 'strip-ansi', 'ansi-regex', 'get-east-asian-width', 'age-encryption', '@noble', '@scure'],
];

const config: Config = {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/spec/support/build.ts',
  roots: ['<rootDir>/spec'],
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.(services|deep)\\.spec\\.ts$'],
  // A spec file waits for a third of its time, for processes, servers and timers: a third worker uses the two cores meanwhile.
  maxWorkers: 3,
  extensionsToTreatAsEsm: esm ? ['.ts'] : [],
  moduleNameMapper: {
    '^hotline$': '<rootDir>/src/index.ts',
    '^hotline/(.+)$': '<rootDir>/src/$1/index.ts',
  },
  transformIgnorePatterns: esm ? ['/node_modules/'] : [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: esm ? 'es6' : 'commonjs' },
      },
    ],
  },
  setupFilesAfterEnv: ['<rootDir>/spec/support/second-try.ts'],
  testTimeout: 20_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['<rootDir>/src/**/*.ts'],
};

export default config;
