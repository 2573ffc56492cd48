export {
  type Config,
  connectionConfig,
  type ConfigRequest,
  type ConnectionConfig,
  secretsIn,
  type Written,
} from './config.ts';
export { type DescribedSetting, describe, type Description } from './description.ts';
export type { SecretsEvent, SourceStatus } from './event.ts';
export type { FileContent } from '../sources/watch-file.ts';
export { type Load, type SecretsFeed, secretsFeed, type SecretsOptions } from './feed.ts';
export { guarded } from './guarded.ts';
export { over, stated } from './params.ts';
export { dotted, type SecretPath } from './path.ts';
export type { Publicity } from './publicity.ts';
export { Secrets } from './secrets.ts';
export { type UnknownSetting, unknownSettings } from './unknown-settings.ts';
