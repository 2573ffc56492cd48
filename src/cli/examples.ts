import type { Outlet } from './output/outlet.ts';

const lines: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  hotline: [
    ['hotline init', 'begin'],
    ['hotline check', 'does everything answer?'],
    ['hotline query pets "select * from pet"', 'ask'],
  ],
  init: [
    ['hotline init', '.streamlit/secrets.toml, its schema, a line in .gitignore'],
    ['hotline init --secrets config/secrets.toml', 'in another place'],
  ],
  list: [
    ['hotline list', 'nothing is opened, no secret is shown'],
    ['hotline list --environment staging', 'with [env.staging] laid over it'],
    ['hotline list --json | jq -r .[].name', 'the names'],
  ],
  describe: [['hotline describe pets', 'nothing is opened, no secret is shown']],
  check: [
    ['hotline check', 'all of them'],
    ['hotline check pets wh && npm start', 'these two; exit code 1 when one fails'],
  ],
  doctor: [['hotline doctor', 'what is wrong, and what to do about it']],
  query: [
    ['hotline query pets "select * from pet"', 'a table'],
    ['hotline query pets "select * from pet where owner = :who" --param who=Ann', 'with a value'],
    ['hotline query wh "select * from orders" --format csv > orders.csv', 'millions of rows in constant memory'],
  ],
  watch: [
    ['hotline watch', 'all of them, until Ctrl-C'],
    ['hotline watch pets --json >> events.ndjson', 'an event a line'],
  ],
  types: [
    ['hotline types --out src/connections.d.ts', 'names and kinds, never a value'],
    ['hotline types --out src/connections.d.ts --watch', 'and again when the secrets change'],
  ],
  board: [['hotline board', 'a page with every connection, live']],
};

/** What comes after the help of a command. */
export function examples(command: string, { colors }: Outlet): string {
  const shown = lines[command] ?? [];
  const width = Math.max(...shown.map(([line]) => line.length));
  const text = shown.map(([line, what]) => `  ${line.padEnd(width)}  ${colors.dim(what)}`);
  return ['', colors.bold('Examples:'), ...text, ''].join('\n');
}
