// node spec/bench/walk.js [--url URL] [--list]
// Prints the files and functions of hotline that run for one warm query, one warm connection(name), one warm connection$(name), and one new
// name that leads to a server that is known already: counted by V8's precise coverage over the sources, each transpiled to a file of its own.
// Default URL: sqlite://:memory:. --list names the functions, file by file, with their calls.
import { Session } from 'node:inspector/promises';
import { register } from 'node:module';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstValueFrom } from 'rxjs';

// Modules of ES, not CommonJS: there each import would be one more function.
const esbuild = import.meta.resolve('esbuild');
const loader = `
  import { readFile } from 'node:fs/promises';
  import { transform } from '${esbuild}';
  export async function load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const { code } = await transform(await readFile(new URL(url), 'utf8'), { loader: 'ts', target: 'node20' });
    return { format: 'module', source: code, shortCircuit: true };
  }`;
register(`data:text/javascript,${encodeURIComponent(loader)}`);
const { createConnections, inline } = await import('../../src/index.ts');

const { values } = parseArgs({
  options: { url: { type: 'string', default: 'sqlite://:memory:' }, list: { type: 'boolean', default: false } },
});
const src = fileURLToPath(new URL('../../src/', import.meta.url));

const section = { type: 'sql', url: values.url };
const hot = createConnections({
  sources: [inline({ connections: { pets: section, cold: section, colder: section } })],
});
const pets = await hot.connection('pets');
const acts = {
  'warm query(sql)': () => pets.query('select 1 as one'),
  'warm use(fn)': () => pets.use(() => undefined),
  'warm connection(name)': () => hot.connection('pets'),
  'warm connection$(name), first value': () => firstValueFrom(hot.connection$('pets')),
};
for (const act of Object.values(acts)) for (let turn = 0; turn < 20; turn++) await act();
await hot.connection('cold');
acts['cold connection(name)'] = () => hot.connection('colder');

const session = new Session();
session.connect();
await session.post('Profiler.enable');
const rows = [];
for (const [act, run] of Object.entries(acts)) {
  // Each act is counted alone: upkeep of the one before must have ended.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  const files = walked(result);
  const functions = files.flatMap(({ functions }) => functions);
  rows.push({
    act,
    files: files.length,
    functions: functions.length,
    calls: functions.reduce((sum, { calls }) => sum + calls, 0),
  });
  if (values.list) print(act, files);
}
console.table(Object.fromEntries(rows.map(({ act, ...figures }) => [act, figures])));
session.disconnect();
await hot.close();

/** The files of hotline in a coverage, each with the functions of it that ran. */
function walked(coverage) {
  return coverage.flatMap(({ url, functions }) => {
    const path = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (!path.startsWith(src)) return [];
    const ran = functions
      .map(({ functionName: name, ranges: [{ count, startOffset }] }) => ({ name, calls: count, startOffset }))
      // The function at the beginning is the module itself.
      .filter(({ calls, startOffset }) => calls > 0 && startOffset > 0);
    return ran.length > 0 ? [{ file: relative(src, path).split(sep).join('/'), functions: ran }] : [];
  });
}

function print(act, files) {
  console.log(`\n${act}`);
  for (const { file, functions } of files)
    console.log(`  ${file}: ${functions.map(({ name, calls }) => `${name || '(anonymous)'} ×${calls}`).join(', ')}`);
}
