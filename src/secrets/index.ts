export {
  type Config,
  connectionConfig,
  type ConfigRequest,
  type ConnectionConfig,
  secretsIn,
  type Written,
} from './config.ts';
export { changedSettings, type DescribedSetting, describeConfig, type Description } from './description.ts';
export type { SecretsEvent, SourceStatus } from './source-statuses.ts';
export type { SecretValue } from '../sources/source.ts';
export type { FileContent } from '../sources/watch-file.ts';
export { type Load, type SecretsFeed, secretsFeed, type SecretsOptions } from './feed.ts';
export { redactedCopy } from './redaction.ts';
export { dotted, segments, type SecretPath } from './tree.ts';
export type { Publicity } from './redaction.ts';
export { Secrets } from './secrets.ts';
export { type UnknownSetting, unknownSettings } from './description.ts';
