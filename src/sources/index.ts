export { inline } from './inline.ts';
export type { SecretTree, SecretValue, Source, SourceState, SourceWarning, Trust } from './source.ts';
export { tomlFile } from './toml-file.ts';
export { watchFile$, type FileContent } from './watch-file.ts';
export type { FileOptions, WatchOptions } from './file-source.ts';
