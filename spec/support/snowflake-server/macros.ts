/** Snowflake functions that DuckDB lacks, as far as a test or a first program needs them. */
const macros: readonly string[] = [
  'parse_json(x) as x::json',
  'try_parse_json(x) as try_cast(x as json)',
  'to_variant(x) as to_json(x)',
  'iff(c, a, b) as case when c then a else b end',
  'nvl(a, b) as coalesce(a, b)',
  'zeroifnull(a) as coalesce(a, 0)',
  'to_varchar(x) as cast(x as varchar)',
  'to_number(x) as cast(x as decimal(38, 0))',
  "to_binary(x, f := 'HEX') as unhex(x)",
  'to_geography(x) as x',
  'to_geometry(x) as x',
  "current_warehouse() as getvariable('warehouse')",
  "current_role() as getvariable('role')",
  "current_user() as getvariable('user')",
  "current_session() as getvariable('session')",
  "current_account() as getvariable('account')",
  "current_version() as '9.0.0-local'",
];

export const macroScript = macros.map((macro) => `create or replace temp macro ${macro};`).join('\n');
