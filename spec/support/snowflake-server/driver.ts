import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Driver = typeof import('snowflake-sdk');

/** The real driver in a sandbox: its own home, no platform detection, no log file, no proxy. */
export interface DriverSandbox {
  /** `SNOWFLAKE_HOME`: where a spec puts a `connections.toml`. */
  readonly home: string;
  /** Loads the driver, at the first call. */
  load(): Promise<Driver>;
  /** Puts the environment back and removes the directory. */
  restore(): void;
}

const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];

/**
 * Prepares the environment. The driver reads much of it while it loads, so call this before any import of it.
 * A child process of a Jest spec does not see it unless it is given `env: process.env`.
 */
export function sandboxDriver(): DriverSandbox {
  const root = mkdtempSync(join(tmpdir(), 'hotline-snowflake-'));
  const home = join(root, 'home');
  mkdirSync(home);
  const wanted: Record<string, string | undefined> = {
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    SNOWFLAKE_DISABLE_MINICORE: '1',
    SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: '1',
    SF_OCSP_RESPONSE_CACHE_DIR: root,
    SF_TEMPORARY_CREDENTIAL_CACHE_DIR: root,
    SNOWFLAKE_CRL_ON_DISK_CACHE_DIR: root,
    XDG_CACHE_HOME: root,
    SNOWFLAKE_HOME: home,
    SNOWFLAKE_DEFAULT_CONNECTION_NAME: undefined,
    SF_CLIENT_CONFIG_FILE: undefined,
    ...Object.fromEntries(proxies.map((proxy) => [proxy, undefined])),
  };
  const before = Object.keys(wanted).map((key) => [key, process.env[key]] as const);
  for (const [key, value] of Object.entries(wanted)) setVariable(key, value);
  return {
    home,
    load: async () => {
      const driver = (await import('snowflake-sdk')).default;
      driver.configure({ logLevel: 'OFF', useEnvProxy: false });
      return driver;
    },
    restore: () => {
      for (const [key, value] of before) setVariable(key, value);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function setVariable(key: string, value: string | undefined): void {
  if (value === undefined) delete process.env[key];
  else process.env[key] = value;
}
