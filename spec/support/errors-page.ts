import { writeFileSync } from 'node:fs';
import { codes, type ErrorCode } from '../../src/errors/codes.ts';
import { causes } from './error-causes.ts';
import { snowflakeErrorsPage } from './snowflake-errors-page.ts';
import { sqlErrorsPage } from './sql-errors-page.ts';
import { printOptions } from './options-page.ts';
import { printTlsWords } from './tls-words-page.ts';
import { warnings } from './warning-codes.ts';

/** `docs/errors.md`, from the catalogue in `src/errors/codes.ts`. */
export function errorsPage(): string {
  const rows = Object.entries(codes).map(([code, { category, meaning, cure }]) =>
    row(`\`${code}\`<br>${category}`, meaning, causes[code as ErrorCode], cure),
  );
  const warned = Object.entries(warnings).map(([code, said]) => row(`\`${code}\``, ...said));
  return `# Errors

<!-- Printed from src/errors/codes.ts by \`npm run docs:errors\`; a spec holds it to that. -->

Everything that hotline raises is a \`HotlineError\` with a \`code\`, a \`category\`, \`retryable\` (the same call may succeed later
without anybody changing anything: categories \`transient\` and \`timeout\`), the name of the \`connection\`, and a \`message\` that says what
to do. \`cause\` is a scrubbed copy of the driver's error: its name, code, sqlState, message and stack.

| code, category | what it means | why it comes | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}

## Warnings

A \`warning\` in \`events$\` stops nothing. Its \`code\` is one of these, or, where the section of a connection in use says
something that cannot be used, one of the codes above; then what worked before stays in use.

| code | what it means | what to do |
| --- | --- | --- |
${warned.join('\n')}

\`type = "snowpark"\` is a warning of the process, once: \`DeprecationWarning\` with the code \`HOTLINE_SNOWPARK\`. Write \`snowflake\`.
`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function printErrorsPage(): void {
  writeFileSync('docs/errors.md', errorsPage());
  writeFileSync('docs/sql-errors.md', sqlErrorsPage());
  writeFileSync('docs/snowflake-errors.md', snowflakeErrorsPage());
  printTlsWords();
  printOptions();
}
