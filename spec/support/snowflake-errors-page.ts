import { snowflakeErrors } from '../../src/kinds/snowflake/classification.ts';

/** `docs/snowflake-errors.md`, from the table in `src/kinds/snowflake/classification.ts`. */
export function snowflakeErrorsPage(): string {
  const rows = snowflakeErrors.map(({ code, category, lost, renewable, meaning }) =>
    [`\`${code.source}\``, category, lost ? 'yes' : '', renewable ? 'yes' : '', meaning]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return `# Errors of Snowflake

<!-- Printed from src/kinds/snowflake/classification.ts by \`npm run docs:errors\`; a spec holds it to that. -->

What an error of the driver counts as: the first row that matches its code, with the code of its cause or the HTTP status behind a slash, or
its SQLSTATE. Codes of the driver have six digits and begin with 4; all others are the server's. A \`transient\` error of a read is tried again;
where the session is lost, on a fresh instance. \`auth\` waits for other credentials, \`config\` for other settings, \`query\` is final. An error
that is renewable counts as a lost session where the credentials come from a function, an Observable or a token file: they are asked for anew.

| code | category | lost | renewable | meaning |
| --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}
