import type { Setting, Settings } from '../base/index.ts';
import type { SnakeCase } from '../../spelling.ts';
import type { SnowflakeCredentialsProvider } from './credentials.ts';
import { optionName, spellings, type OtherName } from './option-names.ts';

const text = { type: 'string' };
const yes = { type: 'boolean' };
const whole = { type: 'integer', minimum: 0 };
const table = { type: 'object' };

const shown = (description: string, schema: Setting['schema'] = text): Setting => ({
  public: true,
  description,
  ...(schema && { schema }),
});
const file = (description: string): Setting => ({ ...shown(description), local: () => true });
const secret = (description: string, schema: Setting['schema'] = text): Setting => ({
  description,
  ...(schema && { schema }),
});

/** By the driver's own names. */
const options = {
  account: shown('The account identifier: myorg-account123.'),
  host: shown('The server, where it does not follow from the account.'),
  accessUrl: shown('The whole address of the server, where it does not follow from the account.'),
  protocol: shown('https (the default) or http.'),
  port: shown('The port of the server.', { type: ['integer', 'string'] }),
  region: shown('The region, for account identifiers that do not hold it.'),
  username: secret('Who logs in.'),
  password: secret('The password.'),
  authenticator: shown(
    'How to log in: snowflake, snowflake_jwt, oauth, programmatic_access_token, workload_identity, username_password_mfa, externalbrowser, oauth_authorization_code, oauth_client_credentials, or the https:// address of Okta.',
  ),
  privateKey: secret('The private key of a key pair, as PEM text, or as its base64 body.'),
  privateKeyPath: file('A file that holds the private key; when it changes the connection is replaced.'),
  privateKeyPass: secret('The passphrase of an encrypted private key.'),
  token: secret('The token of oauth, programmatic_access_token or workload_identity.'),
  tokenFilePath: file('A file that holds the token; when it changes the connection is replaced.'),
  credentials: secret('In code: a function or an Observable that gives credentials that expire.', {}),
  passcode: secret('The one-time code of username_password_mfa.'),
  passcodeInPassword: shown('Whether the one-time code is the end of the password.', yes),
  clientRequestMFAToken: shown(
    'Whether an MFA token is kept for the next login. Default: true for username_password_mfa, in memory.',
    yes,
  ),
  clientStoreTemporaryCredential: shown(
    'true: the driver keeps tokens of logins in a file; false: nowhere. Default: in the memory of the process.',
    yes,
  ),
  credentialCacheDir: shown('The directory of that file.'),
  workloadIdentityProvider: shown('AWS, AZURE, GCP or OIDC.'),
  workloadIdentityAzureEntraIdResource: shown('The Entra ID resource of workload_identity.'),
  workloadIdentityAzureClientId: shown('The client of the managed identity on Azure.'),
  workloadIdentityImpersonationPath: shown('Whom to impersonate on the way, for workload_identity.', { type: 'array' }),
  workloadIdentityAwsUseOutboundToken: shown('Whether AWS hands out an outbound web identity token.', yes),
  oauthClientId: shown('The client of the OAuth flows.'),
  oauthClientSecret: secret('The secret of that client.'),
  oauthAuthorizationUrl: shown('Where the authorization code is asked for.'),
  oauthTokenRequestUrl: shown('Where the access token is asked for.'),
  oauthRedirectUri: shown('Where the browser comes back to.'),
  oauthScope: shown('The scope that is asked for.'),
  oauthChallengeMethod: shown('The challenge method of the authorization code flow.'),
  oauthHttpAllowed: shown('Whether the OAuth addresses may be http.', yes),
  oauthEnableSingleUseRefreshTokens: shown('Whether a refresh token is used once.', yes),
  browserActionTimeout: shown('Milliseconds to wait for the browser. Raise `openTimeout` with it.', whole),
  browserResponseRenderer: secret('In code: what the browser shows in the end.', {}),
  browserRedirectPort: shown('The port that the browser comes back to.', whole),
  openExternalBrowserCallback: secret('In code: opens the browser.', {}),
  disableConsoleLogin: shown('Whether the login page of the account is left out.', yes),
  disableSamlURLCheck: shown('Whether the address in the SAML answer is taken as it is.', yes),
  warehouse: shown('The warehouse of the session.'),
  database: shown('The database of the session.'),
  schema: shown('The schema of the session.'),
  role: shown('The role of the session.'),
  sessionParameters: shown('Session parameters, set after the login: TIMEZONE, WEEK_START, …', table),
  queryTag: shown('The tag of every statement in the query history.'),
  application: shown('What Snowflake calls this program.'),
  clientSessionKeepAlive: shown('Whether an idle session is kept alive by a heartbeat.', yes),
  clientSessionKeepAliveHeartbeatFrequency: shown('Seconds between two heartbeats, 900 to 3600.', whole),
  serverSessionKeepAlive: shown('Whether the session outlives the connection.', yes),
  timeout: shown('Milliseconds for one HTTP request; the server holds one for up to 45000. Default: 90000.', whole),
  sfRetryMaxLoginRetries: shown('How often the driver repeats a login by itself. Default: 0, hotline does.', whole),
  retryTimeout: shown('Seconds for these repetitions.', whole),
  jsTreatIntegerAsBigInt: shown('true: integers are `bigint`, exact at any size. false (the default): `number`.', yes),
  fetchAsString: shown('Types that are fetched as text: Number, Date, Boolean, Buffer, JSON.', { type: 'array' }),
  representNullAsStringNull: shown('Whether NULL fetched as text is "NULL". Default: false.', yes),
  resultPrefetch: shown('Parts of a large result that are fetched ahead. Default: 2.', whole),
  rowStreamHighWaterMark: shown('Rows that the driver makes ready at a time. Default: 1000.', whole),
  arrayBindingThreshold: shown('Values over which the driver stages a bulk insert.', whole),
  disableQueryContextCache: shown('Whether hybrid tables go without the query context.', yes),
  gcsUseDownscopedCredential: shown('Whether Google Cloud Storage is used with a downscoped credential.', yes),
  proxyHost: shown('The host of a proxy.'),
  proxyPort: shown('The port of a proxy.', whole),
  proxyUser: secret('Who logs in to the proxy.'),
  proxyPassword: secret('The password for the proxy.'),
  proxyProtocol: shown('http or https.'),
  noProxy: shown('Hosts that are reached without the proxy.'),
  certRevocationCheckMode: shown('How revoked certificates are looked for: DISABLED, ADVISORY or ENABLED.'),
  crlAllowCertificatesWithoutCrlURL: shown('Whether certificates without a revocation list are taken.', yes),
  crlInMemoryCache: shown('Whether revocation lists are kept in memory.', yes),
  crlOnDiskCache: shown('Whether revocation lists are kept on disk.', yes),
  validateDefaultParameters: shown('Whether the login fails when the warehouse, database or schema is not there.', yes),
  clientConfigFile: file('The file that turns on logging of the driver.'),
} satisfies Settings;

/** Settings that are no options of the driver. */
const besides = {
  secondaryRoles: shown('The secondary roles of the session: ALL, NONE, or a list of roles.', {
    type: ['string', 'array'],
  }),
  connectionName: shown('Which connection of `connections.toml` or `config.toml` fills in what this one leaves open.'),
  queryTtl: shown('How old a cached result may be: "10m".'),
  queryTimeout: shown('How long a query may take: "30s".'),
  maxRows: shown('How many rows a query may give.', whole),
} satisfies Settings;

type Name = keyof typeof options | keyof typeof besides;

/**
 * The params of a Snowflake connection by name, for the type checker: every option of the driver, in its own spelling, in
 * snake_case, and as other tools of Snowflake spell it. What is no setting goes into `params`.
 */
export type SnowflakeParams = {
  readonly [Setting in Exclude<Name | SnakeCase<Name> | OtherName, 'credentials'>]?: unknown;
} & {
  /** The provider of the credentials, or its name. It is no part of the identity. */
  readonly credentials?: SnowflakeCredentialsProvider | string | undefined;
};

/** The settings of a Snowflake connection: the driver's options, as it spells them and as Snowflake's files do. */
export const snowflakeSettings: Settings = Object.fromEntries(
  Object.entries({ ...options, ...besides }).flatMap(([name, setting]) =>
    spellings(name).map((spelling) => [spelling, setting]),
  ),
);

/** Tells whether the driver has an option of that name. */
export function isDriverOption(option: string): boolean {
  return Object.hasOwn(options, option) && !['credentials', 'sessionParameters'].includes(option);
}

/** Options that leave the data of a query alone: how the caller proves who it is, and how the driver travels. */
const immaterial =
  /^(password|passcode|privateKey|privateKeyPath|privateKeyPass|token|tokenFilePath|credentials|authenticator|oauth(?!Scope)|browser|proxy|noProxy|timeout|sfRetry|retryTimeout|resultPrefetch|rowStream|arrayBinding|client|credentialCache|openExternal|application|queryT|maxRows|connectionName|disableConsole|certRevocation)/;

/** The settings that decide which data a query sees. Where the user is not named, the token says who it is. */
export function materialOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = Object.entries(config).map(([name, value]) => [optionName(name), value] as const);
  const hasUser = named.some(([name]) => name === 'username');
  return Object.fromEntries(
    named.filter(([name]) => !immaterial.test(name) || (!hasUser && /^(token|oauthClientId|credentials)/.test(name))),
  );
}
