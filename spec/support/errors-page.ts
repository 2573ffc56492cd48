import { writeFileSync } from 'node:fs';
import { codes } from '../../src/errors/codes.ts';
import { snowflakeErrorsPage } from './snowflake-errors-page.ts';
import { sqlErrorsPage } from './sql-errors-page.ts';

/** `docs/errors.md`, from the catalogue in `src/errors/codes.ts`. */
export function errorsPage(): string {
  const rows = Object.entries(codes).map(([code, { category, meaning, cure }]) =>
    [`\`${code}\``, category, meaning, cure].map((cell) => cell.replaceAll('|', '\\|')).join(' | '),
  );
  return `# Errors

<!-- Printed from src/errors/codes.ts by \`npm run docs:errors\`; a spec holds it to that. -->

Everything that hotline raises is a \`HotlineError\` with a \`code\`, a \`category\`, \`retryable\` (the same call may succeed later
without anybody changing anything: categories \`transient\` and \`timeout\`), the name of the \`connection\`, and a \`message\` that says what
to do. \`cause\` is a scrubbed copy of the driver's error: its name, code, sqlState, message and stack.

| code | category | what it means | what to do |
| --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

export function printErrorsPage(): void {
  writeFileSync('docs/errors.md', errorsPage());
  writeFileSync('docs/sql-errors.md', sqlErrorsPage());
  writeFileSync('docs/snowflake-errors.md', snowflakeErrorsPage());
}
