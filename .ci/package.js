// What `npm publish` would send: only what belongs there, and under the size that we allow ourselves.
import { execFileSync } from 'node:child_process';

// Two formats of the code (CommonJS for Node.js, ES modules for bundlers), and declarations.
const limit = 700_000;
const belongs = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/.+\.(m?js|d\.m?ts)$/,
  /^dist\/package\.json$/,
  /^dist\/devtools\/page\/((index|errors)\.html|board\.css|icon\.svg|lit-html\/LICENSE)$/,
];

const shell = process.platform === 'win32';
const answer = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8', shell }));
// npm 11 answers with a list, later ones with an object by name.
const [{ size, unpackedSize, files }] = Object.values(answer);
const paths = new Set(files.map(({ path }) => path));

const modules = [...paths].filter((path) => /^dist\/(?!devtools\/page\/).+\.js$/.test(path));
const problems = [
  ...[...paths]
    .filter((path) => !belongs.some((rule) => rule.test(path)))
    .map((path) => `${path} does not belong in it`),
  ...modules
    .filter((path) => path.endsWith('/index.js') && !paths.has(path.replace(/js$/, 'd.ts')))
    .map((path) => `${path} has no declarations`),
  ...(modules.length === 0 ? ['dist is empty: run `npm run build` first'] : []),
  ...(size > limit ? [`it is ${size} bytes, over the limit of ${limit}`] : []),
];

console.log(
  `package: ${files.length} files, ${kilobytes(size)} packed (limit ${kilobytes(limit)}), ${kilobytes(unpackedSize)} unpacked`,
);
for (const problem of problems) console.error(`package: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
