/**
 * Parts for tests of connections and of kinds of your own.
 *
 * @module hotline/testing
 */

export { describeKind, type KindSuite, type TestRunner } from './describe-kind.ts';
export { describeSource, type SourceSubject, type SourceSuite } from './describe-source.ts';
export { memoryKind, type MemoryInstance, type MemoryKind, type MemoryKindOptions } from './memory-kind.ts';
export { memorySource, type MemorySource, type MemorySourceOptions } from './memory-source.ts';
