import { milliseconds } from '../../duration/index.ts';
import type { Config } from '../../secrets/index.ts';
import { rowLimit } from './arguments.ts';

/** What a call gets when it does not say, in milliseconds and rows. */
export interface QueryDefaults {
  /** How old a cached result may be, in milliseconds. `undefined`: no cache. */
  readonly ttl?: number | undefined;
  /** Milliseconds that a call may take. `undefined`: no limit. */
  readonly timeout?: number | undefined;
  /** Rows that a result may have. `undefined`: no limit. */
  readonly maxRows?: number | undefined;
}

/**
 * `query_ttl`, `query_timeout` and `max_rows` of a section, or `queryTtl`, `queryTimeout` and `maxRows` of params.
 * The first is how a file spells it, so a number without a unit is refused there.
 */
export function queryDefaults(config: Config): QueryDefaults {
  return {
    ttl: time(config, 'query_ttl', 'queryTtl'),
    timeout: finite(time(config, 'query_timeout', 'queryTimeout')),
    maxRows: rowLimit(config['max_rows'] ?? config['maxRows'], 'max_rows', 'invalid_config'),
  };
}

function time(config: Config, inFile: string, inCode: string): number | undefined {
  const name = config[inFile] === undefined ? inCode : inFile;
  const value = config[name];
  const found = value === undefined ? undefined : milliseconds(value, name, name === inFile ? 'file' : 'code');
  return found === 0 ? undefined : found;
}

/** A timeout without end is none. */
function finite(time: number | undefined): number | undefined {
  return time === Infinity ? undefined : time;
}
