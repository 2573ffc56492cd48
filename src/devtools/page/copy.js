// The rest of the page for `dist`: what is not compiled, and the library that the page loads, as it is published.
import { cpSync } from 'node:fs';

const page = 'src/devtools/page';
const built = 'dist/devtools/page';
for (const file of ['index.html', 'board.css', 'icon.svg']) cpSync(`${page}/${file}`, `${built}/${file}`);
for (const file of ['lit-html.js', 'directive.js', 'directive-helpers.js', 'directives/repeat.js', 'LICENSE'])
  cpSync(`node_modules/lit-html/${file}`, `${built}/lit-html/${file}`);
