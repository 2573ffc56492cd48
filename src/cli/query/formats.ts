import { csv } from './csv.ts';
import { json, ndjson } from './json.ts';
import type { FormatOptions, RowFormat } from './row-format.ts';
import { table } from './table.ts';

/** What `--format` may be. */
export const formats = { table, json, ndjson, csv } satisfies Record<string, (options: FormatOptions) => RowFormat>;

export type Format = keyof typeof formats;
