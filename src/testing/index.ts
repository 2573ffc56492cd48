/**
 * Parts for tests of connections and of kinds of your own.
 *
 * @module hotline/testing
 */

import { defaultConnections } from '../index.ts';

export { describeKind, type KindSuite, type TestRunner } from './describe-kind.ts';
export { describeSource, type SourceSubject, type SourceSuite } from './describe-source.ts';
export { memoryKind, type MemoryInstance, type MemoryKind, type MemoryKindOptions } from './memory-kind.ts';
export { memorySource, type MemorySource, type MemorySourceOptions } from './memory-source.ts';

/**
 * Closes the default registry, with every connection that a test has opened by it. Jest gives each test file a default registry of its
 * own, in one process, so that what a file leaves open stays open until the last file has ended. Once in a file that
 * `setupFilesAfterEnv` (Jest) or `setupFiles` (Vitest) names, it holds for all test files.
 *
 * @example
 * import { afterAll } from '@jest/globals';
 * afterAll(closeDefaultConnections);
 */
export async function closeDefaultConnections(): Promise<void> {
  await defaultConnections().close();
}
