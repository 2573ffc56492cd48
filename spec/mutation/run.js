// Breaks lines of `src`, one at a time, in a copy of the tree, and runs the specs of the room that each stands in: what no spec
// notices is printed. npm run mutate -- --seed 1 --count 50 [--room lifecycle] [--seconds 120]
// --check runs the specs of each room on the whole tree first: they have to pass, within the time.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { transformSync } from 'esbuild';
import { chance } from '../soak/chance.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    room: { type: 'string' },
    seconds: { type: 'string', default: '120' },
    check: { type: 'boolean', default: false },
  },
});
const random = chance(Number(values.seed), 0);

/** The specs that hold each room; those that run the room from outside come last, since the first failure is enough. */
const rooms = {
  lifecycle: ['lifecycle', 'registry', 'simulation'],
  registry: ['registry', 'create-connections', 'default-connections', 'rotation', 'simulation'],
  secrets: ['secrets', 'registry', 'simulation'],
  'kinds/query': ['kinds/query', 'kinds/sql', 'simulation'],
  'kinds/sql': ['kinds/sql', 'pg', 'fuzz'],
};

/** What is done to a line: each gives the line broken, or the same where it does not apply. */
const breaks = [
  ['=== to !==', (line) => line.replace('===', '!==')],
  ['!== to ===', (line) => line.replace('!==', '===')],
  ['< to <=', (line) => line.replace(/ < (?!=)/, ' <= ')],
  ['> to >=', (line) => line.replace(/ > (?!=)/, ' >= ')],
  ['<= to <', (line) => line.replace(' <= ', ' < ')],
  ['>= to >', (line) => line.replace(' >= ', ' > ')],
  ['&& to ||', (line) => line.replace(' && ', ' || ')],
  ['|| to &&', (line) => line.replace(' || ', ' && ')],
  ['?? to its right side', (line) => line.replace(/[\w.#?()[\]']+ \?\? /, '')],
  ['+ to -', (line) => line.replace(' + ', ' - ')],
  ['- to +', (line) => line.replace(' - ', ' + ')],
  ['true to false', (line) => line.replace(/\btrue\b/, 'false')],
  ['false to true', (line) => line.replace(/\bfalse\b/, 'true')],
  ['no !', (line) => line.replace(/(?<=[ (])!(?=[\w#(])/, '')],
  ['if never', (line) => line.replace(/\bif \((.*)\)( [^)]*|)$/, 'if (false && ($1))$2')],
  ['a number and one', (line) => line.replace(/(?<=[ (])\d+(?=[,;) ])/, (number) => `${Number(number) + 1}`)],
  ['no such statement', (line) => line.replace(/^\s+(this\.[#\w.]+(\?\.)?\(.*\)|[\w.#]+ (\+|-|\?\?)?= .*);$/, ';')],
  ['max to min', (line) => line.replace('Math.max', 'Math.min')],
  ['min to max', (line) => line.replace('Math.min', 'Math.max')],
];

const code = (text) => transformSync(text, { loader: 'ts', minify: true, logLevel: 'silent' }).code;

/** One line of a file, broken; nothing where the program would be the same, or none. */
function broken(file) {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n');
  const at = random.int(0, lines.length - 1);
  const line = lines[at];
  if (/^\s*(\*|\/[/*]|import|export type|export \{)/.test(line)) return undefined;
  const can = breaks.map(([name, of]) => ({ name, after: of(line) })).filter(({ after }) => after !== line);
  if (can.length === 0) return undefined;
  const { name, after } = random.one(can);
  lines[at] = after;
  const mutant = lines.join('\n');
  try {
    if (code(mutant) === code(text)) return undefined;
  } catch {
    return undefined;
  }
  return { file, at: at + 1, name, line: line.trim(), after: after.trim(), text, mutant };
}

const tree = mkdtempSync(join(tmpdir(), 'hotline-mutation-'));
for (const part of ['src', 'spec', 'docs', 'package.json', 'tsconfig.json', 'jest.config.ts'])
  cpSync(part, join(tree, part), { recursive: true });
symlinkSync(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
cpSync('dist', join(tree, 'dist'), { recursive: true });

/** What the specs of a room say of the tree as it is now. */
function specsOf(room) {
  const specs = rooms[room].map((name) => `^${join(tree, 'spec', name)}[./]`);
  const jest = [join(tree, 'node_modules/jest/bin/jest.js'), '--bail', '--silent', '--rootDir', tree];
  const { status, signal } = spawnSync(process.execPath, [...jest, ...specs], {
    cwd: tree,
    timeout: Number(values.seconds) * 1000,
    killSignal: 'SIGKILL',
    stdio: 'ignore',
    env: { ...process.env, HOTLINE_TEST_SKIP_BUILD: '1' },
  });
  return signal ? 'out of time' : status === 0 ? 'survived' : 'killed';
}

const sum = { killed: 0, 'out of time': 0, survived: 0 };
const survivors = [];
try {
  for (const room of values.check ? Object.keys(rooms) : []) {
    const began = performance.now();
    const outcome = specsOf(room);
    console.log(`${room}, whole: ${outcome} in ${Math.round((performance.now() - began) / 1000)} s`);
    if (outcome !== 'survived') process.exitCode = 1;
  }
  while (sum.killed + sum['out of time'] + sum.survived < Number(values.count)) {
    const room = values.room ?? random.one(Object.keys(rooms));
    const files = readdirSync(join('src', room), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.ts$/.test(name),
    );
    const found = broken(join('src', room, random.one(files)));
    if (!found) continue;
    const path = join(tree, found.file);
    writeFileSync(path, found.mutant);
    const outcome = specsOf(room);
    writeFileSync(path, found.text);
    sum[outcome]++;
    const told = `${outcome}: ${found.file}:${found.at} (${found.name})\n  ${found.line}\n  ${found.after}`;
    console.log(told);
    if (outcome === 'survived') survivors.push(told);
  }
} finally {
  rmSync(tree, { recursive: true, force: true });
}
const all = sum.killed + sum['out of time'] + sum.survived;
console.log(
  `\n${JSON.stringify(sum)}: ${Math.round(((all - sum.survived) / all) * 100)} % of ${all} were noticed (seed ${values.seed})`,
);
