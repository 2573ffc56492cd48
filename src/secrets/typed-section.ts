import { policyNamed } from '../policy/index.ts';
import { sameButSpelling } from '../spelling.ts';
import { isTable, type Table } from '../table.ts';

/** The settings of a kind by name, each with a JSON Schema of its value, by which a text is read, and its name in code where that is another. */
export type SettingTypes = Readonly<Record<string, { readonly schema?: Table; readonly inCode?: string }>>;

/** A table of the secrets that holds settings, and its path in the section. */
interface Part {
  readonly path: readonly string[];
  readonly table: Table;
}

/** A section by the names and types that its kind knows. */
export interface TypedSection {
  readonly settings: Record<string, unknown>;
  /** The paths in the section that make up the value of a setting; the last one wins. */
  written(path: readonly string[]): readonly (readonly string[])[];
}

/**
 * Reads a section: names are matched without case and underscores against those that are known, and text becomes a number, a boolean, a
 * list or a table where the setting is one and no text; an environment variable holds nothing but text in names of one case.
 * Where two spellings of a name are there, the one of the higher `rank` wins.
 */
export function typedSection(
  section: Table,
  known: SettingTypes,
  rank: (path: readonly string[]) => number = () => 0,
): TypedSection {
  const spellings = new Map<string, readonly (readonly string[])[]>();
  const read = (parts: readonly Part[], types: SettingTypes, at: readonly string[]): Record<string, unknown> => {
    const found = new Map<string, { path: readonly string[]; value: unknown }[]>();
    for (const { path, table } of parts)
      for (const [key, value] of Object.entries(table)) {
        const name = (at.length === 0 ? policyNamed(key) : undefined) ?? nameIn(types, key);
        found.set(name, [...(found.get(name) ?? []), { path: [...path, key], value }]);
      }
    return Object.fromEntries(
      [...found].map(([name, values]) => [name, valueOf(values, types[name]?.schema, [...at, name])]),
    );
  };
  const valueOf = (
    values: readonly { readonly path: readonly string[]; readonly value: unknown }[],
    schema: Table | undefined,
    at: readonly string[],
  ): unknown => {
    // The sort is stable: of one rank, the later one wins.
    const ranked = values.length > 1 ? values.toSorted((a, b) => rank(a.path) - rank(b.path)) : values;
    const { value } = ranked.at(-1)!;
    const used = isTable(value)
      ? ranked.slice(ranked.findLastIndex((one) => !isTable(one.value)) + 1)
      : ranked.slice(-1);
    const paths = used.map(({ path }) => path);
    if (paths.length > 1 || paths[0]!.some((key, level) => key !== at[level])) spellings.set(at.join('\0'), paths);
    if (!isTable(value)) return textAs(value, schema);
    const parts = used.map((one) => ({ path: one.path, table: one.value as Table }));
    return read(parts, propertiesOf(schema), at);
  };
  const settings = read([{ path: [], table: section }], known, []);
  const written = (path: readonly string[]): readonly (readonly string[])[] => {
    for (let length = path.length; length > 0; length -= 1) {
      const paths = spellings.get(path.slice(0, length).join('\0'));
      if (paths) return paths.map((one) => [...one, ...path.slice(length)]);
    }
    return [path];
  };
  return { settings, written };
}

/** The known name that a key means, or the key itself. */
function nameIn(types: SettingTypes, key: string): string {
  if (Object.hasOwn(types, key)) return key;
  return sameButSpelling(key, Object.keys(types)) ?? key;
}

function propertiesOf(schema: Table | undefined): SettingTypes {
  const properties = schema?.['properties'];
  if (!isTable(properties)) return {};
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, { schema: one as Table }]));
}

/** The value; a text as the schema has it, where the schema has no text. What cannot be read stays as it is. */
function textAs(value: unknown, schema: Table | undefined): unknown {
  if (typeof value !== 'string' || !schema) return value;
  const types = typesOf(schema);
  const text = value.trim();
  if (types.has('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (types.has('string') || text === '') return value;
  if (types.has('boolean') && /^(yes|on|1|no|off|0)$/i.test(text)) return /^(yes|on|1)$/i.test(text);
  if ((types.has('integer') || types.has('number')) && isNumber(text)) return Number(text);
  if (types.has('object') && text.startsWith('{')) return jsonIn(text, isTable) ?? value;
  if (!types.has('array')) return value;
  return text.startsWith('[') ? (jsonIn(text, Array.isArray) ?? value) : text.split(',').map((one) => one.trim());
}

/** The types that a JSON Schema names. */
function typesOf({ type, anyOf }: Table): ReadonlySet<unknown> {
  const inner = Array.isArray(anyOf) ? anyOf.filter(isTable).flatMap((one) => [...typesOf(one)]) : [];
  return new Set([...(Array.isArray(type) ? (type as unknown[]) : [type]), ...inner]);
}

/** Tells whether a number says all that the text says. */
function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text) && (text.includes('.') || Number.isSafeInteger(Number(text)));
}

function jsonIn(text: string, fits: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
