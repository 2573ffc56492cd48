import { dequal } from 'dequal';
import { combineLatest, distinctUntilChanged, EMPTY, map, of, switchMap, type Observable } from 'rxjs';
import type { CredentialsOption } from '../../credentials/index.ts';
import { ConfigError } from '../../errors/index.ts';
import type { FileContent } from '../../secrets/index.ts';

/** The credentials of a Snowflake login, as far as they change with time. */
export interface SnowflakeCredentials {
  /** The token of oauth, programmatic_access_token or workload_identity. */
  readonly token?: string;
  /** Instead of the `user` of the section. */
  readonly username?: string;
  /** For the authenticators that take one. */
  readonly password?: string;
  /** PEM text, its base64 body, or the bytes of a key. */
  readonly privateKey?: string | Uint8Array;
  /** The passphrase of the private key. */
  readonly privateKeyPass?: string;
  /** The second factor. */
  readonly passcode?: string;
  /** When they run out: a date, or milliseconds since the epoch (seconds are refused). The connection is replaced ahead of it, as by `expiresAt` of any kind. */
  readonly expiresAt?: Date | number;
}

/**
 * The provider of Snowflake's credentials: a function that is called for a login, an Observable, or an object with `scope` and
 * `revoke` too. The default of `scope` is `'session'`: each new value is a new instance.
 */
export type SnowflakeCredentialsProvider = CredentialsOption<SnowflakeCredentials>;

type Settings = Readonly<Record<string, unknown>>;

/** Settings with the credentials of a moment. */
export interface CurrentSettings {
  readonly settings: Settings;
  /** The file that the private key was read from. */
  readonly keyFile: string | undefined;
  readonly expiresAt: Date | number | undefined;
  /** The credentials among them, as the provider gave them. */
  readonly given: SnowflakeCredentials;
}

/** The part of the registry that watches files. */
export interface CredentialPorts {
  watchFile(path: string): Observable<FileContent>;
}

/** Tells whether the settings name credentials that can be asked for anew. */
export function isRenewable({ credentials, tokenFilePath }: Settings): boolean {
  return (credentials ?? tokenFilePath) !== undefined;
}

/**
 * The settings with the credentials of this moment; emits again when they have changed. Where a change comes to nothing (a file that is gone, an Observable that fails) what was there stays.
 */
export function currentSettings$(
  settings: Settings,
  ports: CredentialPorts,
  given$: Observable<SnowflakeCredentials> = of({}),
): Observable<CurrentSettings> {
  const { credentials: _credentials, tokenFilePath, privateKeyPath, ...rest } = settings;
  const token$ = tokenFilePath === undefined ? of({}) : fileText$('token', tokenFilePath, ports);
  const key$ = privateKeyPath === undefined ? of({}) : fileText$('privateKey', privateKeyPath, ports);
  const keyFile = typeof privateKeyPath === 'string' ? privateKeyPath : undefined;
  return combineLatest([token$, key$, given$]).pipe(
    map(([token, key, given]) => {
      const { expiresAt, ...credentials } = given;
      return { settings: { ...rest, ...token, ...key, ...credentials }, keyFile, expiresAt, given };
    }),
  );
}

/**
 * The credentials that a provider gave.
 *
 * @throws ConfigError `invalid_config` where it is no object.
 */
export function checked(given: unknown): SnowflakeCredentials {
  if (typeof given === 'object' && given !== null) return given;
  throw new ConfigError('invalid_config', 'credentials: expected an object such as { token, expiresAt }.');
}

/** The content of a file under the name of an option. */
function fileText$(option: string, path: unknown, ports: CredentialPorts): Observable<Settings> {
  if (typeof path !== 'string') throw new ConfigError('invalid_config', `${option}: expected the path of a file.`);
  let found = false;
  return ports.watchFile(path).pipe(
    switchMap((content) => {
      if (content.state === 'loaded' && content.text.trim() !== '') {
        found = true;
        return of({ [option]: content.text.trim() });
      }
      if (found) return EMPTY;
      throw new ConfigError('invalid_config', `${nameOf[option]}: ${unusable(path, content)}`, {
        cause: content.state === 'failed' ? content.error : undefined,
      });
    }),
    distinctUntilChanged((a, b) => dequal(a, b)),
  );
}

const nameOf: Readonly<Record<string, string>> = { token: 'token_file_path', privateKey: 'private_key_file' };

function unusable(path: string, content: FileContent): string {
  if (content.state === 'missing') return `there is no file ${path}.`;
  return content.state === 'failed' ? content.error.message : `${path} is empty.`;
}
