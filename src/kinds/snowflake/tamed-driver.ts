import { createRequire } from 'node:module';
import { requireOf } from '../../packages/index.ts';
import { Call } from './call.ts';
import type { TokenCache } from './token-cache.ts';
import { printed } from './values.ts';
import { Traffic, type DriverHttp } from './traffic.ts';

// This module is loaded when the first Snowflake connection opens, and never by an import of hotline: what the driver
// does while it is loaded is decided by the environment of that moment.
const require = requireOf('snowflake-sdk')!;

/** Otherwise loading it asks the metadata services of three clouds who they are, and loads a native add-on. */
process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] ??= 'true';
process.env['SNOWFLAKE_DISABLE_MINICORE'] ??= '1';
process.env['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] ??= '1';

/** The driver. */
export const driver = require('snowflake-sdk') as typeof import('snowflake-sdk');

/** Tokens in a file of the driver, as it keeps them by itself. */
export function tokensOnDisk(directory?: string): TokenCache {
  const path = 'snowflake-sdk/dist/lib/authentication/secure_storage/json_credential_manager';
  const { JsonCredentialManager } = require(path) as { JsonCredentialManager: new (directory?: string) => TokenCache };
  return new JsonCredentialManager(directory);
}

/** The driver has one cache for the process; whose login it is decides which one that is. */
const tokens = (): TokenCache => Call.current?.tokens ?? tokensOnDisk();

driver.configure({
  customCredentialManager: {
    read: (key: string) => tokens().read(key),
    write: (key: string, token: string) => tokens().write(key, token),
    remove: (key: string) => tokens().remove(key),
  },
  // Its default is a file in the working directory.
  logLevel: 'OFF',
  // Its default runs a cell that is no JSON as code.
  jsonColumnVariantParser: printed,
});

/** Its requests. */
export const traffic = new Traffic(axiosOf('snowflake-sdk/dist/lib/http/axios_instance'), axiosOf('axios'));

/** There is no public way to stop a request of the driver, so the axios that it uses is reached into. */
function axiosOf(path: string): DriverHttp | undefined {
  try {
    const found = createRequire(require.resolve('snowflake-sdk/package.json'))(path) as { default: DriverHttp };
    return typeof found.default.interceptors.request.use === 'function' ? found.default : undefined;
  } catch {
    return undefined;
  }
}
