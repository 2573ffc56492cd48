export { environmentVariables, type EnvironmentOptions } from './environment-variables.ts';
export { dotenvFile, type DotenvOptions } from './dotenv-file.ts';
export { fileSource, jsonFile, type FileParser } from './file-source.ts';
export type { DirectoryOptions, FileOptions } from './path-source.ts';
export { fileWarnings } from './file-warnings.ts';
export { inline } from './inline.ts';
export { parseSecrets } from './parse-secrets.ts';
export {
  polled,
  type PolledAnswer,
  type PolledContext,
  type PolledLoad,
  type PolledOptions,
  type PolledVersion,
} from './polled.ts';
export { secretsDirectory } from './secrets-directory.ts';
export { snowflakeFiles, type SnowflakeFilesOptions } from './snowflake-files.ts';
export type { SecretTree, SecretValue, Source, SourceState, SourceWarning, Trust } from './source.ts';
export { tomlFile } from './toml-file.ts';
export { watchFile$, type FileContent } from './watch-file.ts';
export type { WatchOptions } from './path-source.ts';
