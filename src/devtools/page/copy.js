// The rest of the page for `dist`: what is not compiled, the library that the page loads, as it is published, and a page of every code.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';

const page = 'src/devtools/page';
const built = 'dist/devtools/page';
for (const file of ['index.html', 'board.css', 'icon.svg']) cpSync(`${page}/${file}`, `${built}/${file}`);
for (const file of ['lit-html.js', 'directive.js', 'directive-helpers.js', 'directives/repeat.js', 'LICENSE'])
  cpSync(`node_modules/lit-html/${file}`, `${built}/lit-html/${file}`);

const cells = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '));
const text = (markdown) =>
  markdown
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll('&#60;br&#62;', ' ')
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
const article = ([head, means, ...rest]) => {
  const code = /`(\w+)`/.exec(head)[1];
  const cure = rest.pop();
  const why = rest.length > 0 ? `<p>${text(rest[0])}</p>` : '';
  return `<section id="${code}"><h2>${text(head)}</h2><p>${text(means)}</p>${why}<p><b>What to do:</b> ${text(cure)}</p></section>`;
};
writeFileSync(
  `${built}/errors.html`,
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>hotline: errors and warnings</title>
    <link rel="icon" href="icon.svg" />
    <link rel="stylesheet" href="board.css" />
  </head>
  <body>
    <header><h1>Errors and warnings</h1></header>
    <main>
${cells.map(article).join('\n')}
    </main>
  </body>
</html>
`,
);
