import type { Config } from '../../secrets/index.ts';
import { isTable } from '../../table.ts';
import { parseUrl } from './url.ts';

/** An option of the driver, as somebody wrote it. */
export interface Written {
  readonly name: string;
  readonly value: unknown;
  /** The setting that holds it, as messages name it. */
  readonly setting: string;
}

/** The table `knex.connection`, or nothing. */
export function knexConnection(config: Config): Readonly<Record<string, unknown>> {
  const knex = config['knex'];
  const connection = isTable(knex) ? knex['connection'] : undefined;
  return isTable(connection) ? connection : {};
}

/** The URL of the connection: knex's own words for it win over `url`. */
export function urlSetting(config: Config): Written {
  const connection = isTable(config['knex']) ? config['knex']['connection'] : undefined;
  if (typeof connection === 'string') return { name: 'url', value: connection, setting: 'knex.connection' };
  for (const name of ['connectionString', 'uri'])
    if (isTable(connection) && connection[name] !== undefined)
      return { name: 'url', value: connection[name], setting: `knex.connection.${name}` };
  return { name: 'url', value: config['url'], setting: 'url' };
}

/** Every place where options of the driver may stand, and what stands there; those that win come last. */
export function writtenOptions(config: Config): readonly Written[] {
  const kwargs = config['create_engine_kwargs'];
  const args = isTable(kwargs) ? kwargs['connect_args'] : undefined;
  const connection = knexConnection(config);
  return [
    ...fromUrl(config),
    ...within('query', config['query']),
    ...within('create_engine_kwargs.connect_args', args),
    ...within('', config),
    ...within('knex.connection', connection),
    ...within('knex.connection.options', connection['options']),
  ];
}

function fromUrl(config: Config): Written[] {
  const { value, setting } = urlSetting(config);
  if (typeof value !== 'string' || value.trim() === '') return [];
  return Object.entries(parseUrl(value, setting).query).map(([name, inner]) => ({ name, value: inner, setting }));
}

function within(place: string, table: unknown): Written[] {
  if (!isTable(table)) return [];
  const under = place === '' ? '' : `${place}.`;
  return Object.entries(table).map(([name, value]) => ({ name, value, setting: `${under}${name}` }));
}

/** The text of a scalar; what is none has no text. */
export function scalarText(value: unknown): string {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : '';
}

/** How a message names it. */
export function labelOf({ name, setting }: Written): string {
  return setting === name || setting.endsWith(`.${name}`) ? setting : `${name} (in ${setting})`;
}
