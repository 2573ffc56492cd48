/** @jest-config-loader esbuild-register */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from 'jest';
import base from './jest.config.ts';

process.env['HOTLINE_DEEP_MINUTES'] ??= '10';

/** Specs that `npm test` runs only a sample of. */
const sampled = readdirSync('spec', { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.services)\.spec\.ts$/.test(file))
  .filter((file) => readFileSync(join('spec', file), 'utf8').match(/support\/depth\.ts|five-million\.ts/));

/** What takes long: `<name>.deep.spec.ts`, and the full form of what `npm test` samples. `HOTLINE_DEEP_MINUTES` bounds it. */
const config: Config = {
  ...base,
  testMatch: ['<rootDir>/spec/**/*.deep.spec.ts', ...sampled.map((file) => `<rootDir>/spec/${file}`)],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
  // Not each of these has been seen to end by itself.
  forceExit: true,
  // These keep two cores busy by themselves, and several of them race against real servers.
  maxWorkers: 2,
};

export default config;
