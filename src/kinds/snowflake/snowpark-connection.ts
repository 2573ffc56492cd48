import type { Config } from '../../secrets/index.ts';
import type { FallbackContext, FallbackSettings, LeaseContext } from '../base/index.ts';
import { SnowflakeConnection } from './connection.ts';
import { leftOpen } from './native-files.ts';
import type { SnowflakeDriver } from './query-driver.ts';
import { snowsqlFile, snowsqlSettings } from './snowsql-config.ts';

const warned = Symbol('warned of snowpark');

/**
 * The deprecated name of a Snowflake connection, as Streamlit had it: what its section leaves open is taken from the
 * file of SnowSQL. Write `type = "snowflake"` instead.
 */
export class SnowparkConnection extends SnowflakeConnection {
  static override readonly fallbackSettings = ({ name, settings }: FallbackContext): FallbackSettings | undefined => {
    const found = snowsqlSettings(name);
    return found && { settings: leftOpen(found, settings), origin: () => snowsqlFile() };
  };

  protected override connect(config: Config, context: LeaseContext): Promise<SnowflakeDriver> {
    this.leases.shared(warned, () => {
      process.emitWarning(
        'type "snowpark" is deprecated: write "snowflake". It has `query`, `session(fn)` for a session of one\'s own, and `safeSession(fn)` for one that is used by one caller at a time.',
        { type: 'DeprecationWarning', code: 'HOTLINE_SNOWPARK' },
      );
      return true;
    });
    return super.connect(config, context);
  }
}
