import { errorRules } from '../../src/kinds/sql/error-rules.ts';

/** `docs/sql-errors.md`, from the table in `src/kinds/sql/error-rules.ts`. */
export function sqlErrorsPage(): string {
  const rows = errorRules.map(({ of, code, text, category, lost, conflict, meaning }) =>
    [
      of,
      `\`${code.source}\`${text ? `, its text \`${text.source}\`` : ''}`,
      category,
      lost ? 'yes' : '',
      conflict ? 'yes' : '',
      meaning,
    ]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return `# Errors of SQL databases

<!-- Printed from src/kinds/sql/error-rules.ts by \`npm run docs:errors\`; a spec holds it to that. -->

What an error of a driver counts as: the first row that matches its SQLSTATE, error number or code. A \`transient\` error of a read is tried
again; where the connection is lost, on another one of the pool, and on a fresh instance where no fresh connection can be had. \`auth\` waits for other credentials, \`config\` for other settings, \`query\` is final.
A \`conflict\` is a transaction that lost against another one: \`transaction\` with \`retry\` runs all of it again.
An error that no row knows counts as \`transient\` while a connection opens and as \`query\` when a statement runs.

| of | code | category | lost | conflict | meaning |
| --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}
