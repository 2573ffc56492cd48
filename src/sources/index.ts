export { environmentVariables, type EnvironmentOptions } from './environment-variables.ts';
export type { FileOptions } from './file-source.ts';
export { inline } from './inline.ts';
export { secretsDirectory } from './secrets-directory.ts';
export { snowflakeFiles, type SnowflakeFilesOptions } from './snowflake-files.ts';
export type { SecretTree, SecretValue, Source, SourceState, SourceWarning, Trust } from './source.ts';
export { tomlFile } from './toml-file.ts';
export { watchFile$, type FileContent } from './watch-file.ts';
export type { WatchOptions } from './watch-options.ts';
