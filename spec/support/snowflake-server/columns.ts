import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DuckDBTypeId } from '@duckdb/node-api';
import { printed, prettyJson } from './printed.ts';

/** One entry of `rowtype`. */
export interface RowType {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly length: number | null;
  readonly byteLength: number | null;
}

/** A column of a result and the text of its cells. */
export interface Column {
  readonly rowType: RowType;
  cell(value: DuckDBValue): string | null;
}

export function column(name: string, type: DuckDBType, zone = 'UTC'): Column {
  const { kind, scale, precision, text } = type.typeId === DuckDBTypeId.TIMESTAMP_TZ ? zoned(zone) : encoding(type);
  const rowType = { ...textType(name), type: kind, scale: scale ?? null, precision: precision ?? null };
  return { rowType, cell: (value) => (value === null ? null : text(value, type)) };
}

/** A column of plain text, for answers the server writes itself. */
export function textType(name: string): RowType {
  return { name, type: 'text', nullable: true, precision: null, scale: null, length: null, byteLength: null };
}

export function fixedType(name: string): RowType {
  return { ...textType(name), type: 'fixed', precision: 19, scale: 0 };
}

interface Encoding {
  readonly kind: string;
  readonly scale?: number;
  readonly precision?: number;
  text(value: DuckDBValue, type: DuckDBType): string;
}

const plain = (value: DuckDBValue) => String(value);
const integer = (precision: number): Encoding => ({ kind: 'fixed', scale: 0, precision, text: plain });
const real: Encoding = { kind: 'real', text: (value) => String(value).replace('Infinity', 'inf') };
const json = (kind: string): Encoding => ({ kind, text: (value) => printed(value) });
const moment = (kind: string, text: (value: DuckDBValue) => string): Encoding => ({ kind, scale: 9, text });
const micros = (value: DuckDBValue) => seconds((value as { micros: bigint }).micros, 6);
const nanos = (value: DuckDBValue) => seconds((value as { nanos: bigint }).nanos, 9);

const encodings: Partial<Record<DuckDBTypeId, Encoding>> = {
  [DuckDBTypeId.BOOLEAN]: { kind: 'boolean', text: (value) => (value === true ? '1' : '0') },
  [DuckDBTypeId.TINYINT]: integer(3),
  [DuckDBTypeId.UTINYINT]: integer(3),
  [DuckDBTypeId.SMALLINT]: integer(5),
  [DuckDBTypeId.USMALLINT]: integer(5),
  [DuckDBTypeId.INTEGER]: integer(10),
  [DuckDBTypeId.UINTEGER]: integer(10),
  [DuckDBTypeId.BIGINT]: integer(19),
  [DuckDBTypeId.UBIGINT]: integer(20),
  [DuckDBTypeId.HUGEINT]: integer(38),
  [DuckDBTypeId.UHUGEINT]: integer(38),
  [DuckDBTypeId.BIGNUM]: integer(38),
  [DuckDBTypeId.FLOAT]: real,
  [DuckDBTypeId.DOUBLE]: real,
  [DuckDBTypeId.DATE]: { kind: 'date', text: (value) => String((value as { days: number }).days) },
  [DuckDBTypeId.TIME]: moment('time', micros),
  [DuckDBTypeId.TIME_NS]: moment('time', nanos),
  [DuckDBTypeId.TIMESTAMP]: moment('timestamp_ntz', micros),
  [DuckDBTypeId.TIMESTAMP_NS]: moment('timestamp_ntz', nanos),
  [DuckDBTypeId.TIMESTAMP_MS]: moment('timestamp_ntz', (v) => seconds((v as { millis: bigint }).millis, 3)),
  [DuckDBTypeId.TIMESTAMP_S]: moment('timestamp_ntz', (v) => seconds((v as { seconds: bigint }).seconds, 0)),
  [DuckDBTypeId.TIMESTAMP_TZ]: moment('timestamp_tz', micros),
  [DuckDBTypeId.BLOB]: { kind: 'binary', text: hex },
  [DuckDBTypeId.LIST]: json('array'),
  [DuckDBTypeId.ARRAY]: json('array'),
  [DuckDBTypeId.STRUCT]: json('object'),
  [DuckDBTypeId.MAP]: json('object'),
  [DuckDBTypeId.VARIANT]: json('variant'),
};

function encoding(type: DuckDBType): Encoding {
  if (type.alias === 'JSON') return { kind: 'variant', text: (value) => prettyJson(String(value)) };
  if (type.typeId === DuckDBTypeId.DECIMAL) {
    const { scale, width } = type as unknown as { scale: number; width: number };
    return { kind: 'fixed', scale, precision: width, text: plain };
  }
  return encodings[type.typeId] ?? { kind: 'text', text: plain };
}

/** DuckDB keeps the instant, not the offset that it was written with: it is told in the time zone of the session. */
function zoned(zone: string): Encoding {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsets = new Map<number, number>();
  const offset = (micros: bigint): number => {
    const quarter = Number(micros / 900_000_000n);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const name = format.formatToParts(quarter * 900_000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? ['', '+', '0', '0'];
    const found = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    offsets.set(quarter, found);
    return found;
  };
  // facts/snowflake.md, 2: the offset in minutes, and 1440.
  return moment('timestamp_tz', (value) => `${micros(value)} ${offset((value as { micros: bigint }).micros) + 1440}`);
}

/** `count` units of 10^-digits seconds as decimal seconds, nine digits after the point. */
function seconds(count: bigint, digits: number): string {
  const text = (count < 0n ? -count : count).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${count < 0n ? '-' : ''}${whole}.${text.slice(text.length - digits).padEnd(9, '0')}`;
}

function hex(value: DuckDBValue): string {
  return Buffer.from((value as { bytes: Uint8Array }).bytes)
    .toString('hex')
    .toUpperCase();
}
