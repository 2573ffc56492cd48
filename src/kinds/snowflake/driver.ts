import { ConfigError } from '../../errors/index.ts';
import { requireOf } from '../../packages/index.ts';

export type LoadedDriver = typeof import('./tamed-driver.ts');

/**
 * Loads the driver at the first call.
 *
 * @throws ConfigError `missing_driver` with the command that installs it.
 */
export async function loadDriver(): Promise<LoadedDriver> {
  if (!requireOf('snowflake-sdk'))
    throw new ConfigError(
      'missing_driver',
      'Snowflake connections need the package snowflake-sdk, which is not installed: npm install snowflake-sdk',
    );
  return import('./tamed-driver.ts');
}
