import type { Refusal } from './refusal.ts';
import { refusal, StatementError } from './refusal.ts';

const compilation = (what: string) => `SQL compilation error:\n${what}`;
const upper = (name: string | undefined) => (name ?? '').toUpperCase();

/** DuckDB's words on the left, Snowflake's code, words and SQLSTATE on the right. The first match wins. */
const translations: readonly [RegExp, (match: RegExpExecArray) => Refusal][] = [
  [/^INTERRUPT/i, () => refusal('000604', 'SQL execution canceled', '57014')],
  [
    /(?:Table|View|Schema|Sequence) with name "?([^"\s]+)"? does not exist/,
    ([, name]) => refusal('002003', compilation(`Object '${upper(name)}' does not exist or not authorized.`), '42S02'),
  ],
  [
    /Catalog (?:with name )?"?([^"\s]+)"? does not exist/,
    ([, name]) =>
      refusal('002003', compilation(`Database '${upper(name)}' does not exist or not authorized.`), '02000'),
  ],
  [
    /invalid date field format: "([^"]*)"/,
    ([, date]) => refusal('100040', `Date '${date}' is not recognized`, '22007'),
  ],
  [
    /SET schema: No catalog \+ schema named "([^"]+)"/,
    () => refusal('002043', compilation('Object does not exist, or operation cannot be performed.'), '02000'),
  ],
  [
    /with name "?([^"\s]+)"? already exists/,
    ([, name]) => refusal('002002', compilation(`Object '${upper(name)}' already exists.`), '42710'),
  ],
  [
    /Function with name "?([^"\s]+)"? does not exist/,
    ([, name]) => refusal('002140', compilation(`Unknown function ${upper(name)}`), '42601'),
  ],
  [
    /(?:Referenced column|column named|have a column named|does not have a column named) "([^"]+)"/,
    ([, name]) => refusal('000904', compilation(`error: invalid identifier '${upper(name)}'`), '42000'),
  ],
  [
    /^Conversion Error: Could not convert string ['"](.*?)['"]/,
    ([, text]) => refusal('100038', `Numeric value '${text ?? ''}' is not recognized`, '22018'),
  ],
  [
    /NOT NULL constraint failed: (?:\w+\.)*(\w+)/,
    ([, name]) => refusal('100072', `NULL result in a non-nullable column: ${upper(name)}`, '22000'),
  ],
  [/^Constraint Error/, ({ input }) => refusal('200001', input, '22000')],
  [/Malformed JSON/, () => refusal('100069', 'Error parsing JSON', '22P02')],
  [/^(?:Conversion|Out of Range|Invalid Input) Error/, ({ input }) => refusal('100035', input, '22000')],
  [/conflict/i, ({ input }) => refusal('000625', input, '57014')],
  [/^Parser Error/, ({ input }) => refusal('001003', compilation(input), '42000')],
  [/^(?:Binder|Catalog) Error/, ({ input }) => refusal('001003', compilation(input), '42000')],
];

/** One error of DuckDB as Snowflake would have told it. */
export function sqlError(error: unknown): Refusal {
  if (error instanceof StatementError) return error.refusal;
  // Not instanceof: errors of a native addon belong to another realm under Jest.
  const told = String((error as { message?: unknown }).message ?? error);
  const message = told.replace(/^Failed to extract statements: /, '');
  for (const [pattern, translate] of translations) {
    const match = pattern.exec(message);
    if (match) return translate(match);
  }
  return refusal('000603', message, 'XX000');
}
