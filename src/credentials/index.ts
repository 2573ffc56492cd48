export { endOf, renewedAfter } from './end-of-credentials.ts';
export type { CredentialHold } from './hold.ts';
export {
  givesCredentials,
  namedCredentials,
  opaque,
  otherProvider,
  Provider,
  providerOf,
  type Credentials,
  type CredentialsContext,
  type CredentialsOption,
  type CredentialsProvider,
  type CredentialsSource,
  type NamedCredentials,
} from './provider.ts';
export { CredentialSupply, NoCredentials } from './supply.ts';
