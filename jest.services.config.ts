/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import base from './jest.config.ts';

/** What needs running servers: `<name>.services.spec.ts`. A missing server fails its spec. */
const config: Config = {
  ...base,
  testMatch: ['<rootDir>/spec/**/*.services.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
  // Not each of these has been seen to end by itself.
  forceExit: true,
  maxWorkers: 1,
};

export default config;
