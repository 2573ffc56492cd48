import { createRequire } from 'node:module';
import { ConfigError } from '../../errors/index.ts';

export type LoadedDriver = typeof import('./tamed-driver.ts');

/**
 * Loads the driver at the first call.
 *
 * @throws ConfigError `missing_driver` with the command that installs it.
 */
export async function loadDriver(): Promise<LoadedDriver> {
  try {
    createRequire(import.meta.url).resolve('snowflake-sdk');
  } catch (error) {
    throw new ConfigError(
      'missing_driver',
      'Snowflake connections need the package snowflake-sdk, which is not installed: npm install snowflake-sdk',
      { cause: error },
    );
  }
  return import('./tamed-driver.ts');
}
