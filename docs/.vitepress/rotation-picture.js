// npm run docs:rotation: draws docs/images/rotation.svg from a run of eight seconds against two real PostgreSQL servers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createConnections, inline, SqlConnection } from 'hotline';
import { BehaviorSubject } from 'rxjs';
import { importTypeScript } from '../../spec/bench/support/typescript.js';

const [seconds, workers, slice] = [8, 24, 0.1];
const colours = ['#4a7dbd', '#4b9a5e', '#8a63b8', '#bf8700'];

const { openGround } = await importTypeScript('spec/support/rotation/index.ts');
const ground = await openGround();
await ground.reset();
const run = await record(ground);
await ground.close();
const total = run.calls.length;
const failed = run.calls.filter(({ ok }) => !ok).length;
writeFileSync(join(import.meta.dirname, '../images/rotation.svg'), pictureOf(run, total, failed));
console.log(`${total} calls, ${failed} failed, ${run.generations.size} generations`);
process.exitCode = failed === 0 ? 0 : 1;

async function record(ground) {
  const secrets$ = new BehaviorSubject(secretsOf(ground.home));
  const hot = createConnections({ sources: [inline(secrets$)] });
  const pets = await hot.connection('pets', { type: SqlConnection });
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000;
  const calls = [];
  const marks = [];
  const generations = new Map([[1, { opening: 0, ready: 0 }]]);
  hot.events$.subscribe(({ type, generation }) => {
    const [what, state] = type.split('.');
    if (what !== 'instance' || state === 'failed') return;
    generations.set(generation, { ...generations.get(generation), [state]: now() });
  });
  const save = (target, what) => {
    marks.push({ at: now(), what });
    secrets$.next(secretsOf(target));
  };
  const work = async (time) => {
    let of;
    try {
      await pets.use((knex, { generation }) => {
        of = generation;
        return knex.raw('select pg_sleep(?)', [time]);
      });
      calls.push({ at: now(), generation: of, ok: true });
    } catch {
      calls.push({ at: now(), generation: of, ok: false });
    }
  };
  const loop = async () => {
    while (now() < seconds) await work(0.004);
  };
  const working = Array.from({ length: workers }, loop);
  await pause(1500);
  void work(1);
  await ground.alterPassword('second');
  await pause(50);
  save({ ...ground.home, password: 'second' }, 'password altered');
  await pause(2000);
  void work(1.2);
  save({ ...ground.otherServer, password: 'second' }, 'another server');
  await pause(1800);
  save({ ...ground.otherServer, password: 'wrong' }, 'a wrong password is saved');
  await pause(1200);
  save({ ...ground.otherServer, password: 'second', user: 'app', pool: 6 }, 'repaired');
  await Promise.all(working);
  const end = now();
  await hot.close();
  for (const life of generations.values()) life.closed ??= end;
  return { calls, marks, generations };
}

function secretsOf({ port, database, user, password, pool = 8 }) {
  const url = `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
  return { connections: { pets: { type: 'sql', url, knex: { pool: { min: 0, max: pool } } } } };
}

function pictureOf({ calls, marks, generations }, total, failed) {
  const [width, left, top, high] = [880, 130, 70, 150];
  const served = [...generations].filter(([, life]) => life.ready !== undefined);
  const height = top + high + 46 + served.length * 26 + 16;
  const x = (at) => Math.round((left + (Math.min(at, seconds) / seconds) * (width - left - 20)) * 10) / 10;
  const slices = Array.from({ length: Math.round(seconds / slice) }, (_, i) =>
    served.map(
      ([generation]) =>
        calls.filter((call) => Math.floor(call.at / slice) === i && call.generation === generation).length,
    ),
  );
  const most = Math.max(...slices.map((counts) => counts.reduce((sum, n) => sum + n, 0)));
  const columns = slices.flatMap((counts, i) => {
    let base = top + high;
    return counts.map((count, k) => {
      const h = Math.round((count / most) * high * 10) / 10;
      base -= h;
      return h === 0
        ? ''
        : box(x(i * slice), base, x((i + 1) * slice) - x(i * slice) - 0.6, h, colours[k % colours.length]);
    });
  });
  const bars = served.map(([, { opening, ready, retired, closed }], k) => {
    const y = top + high + 46 + k * 26;
    const colour = colours[k % colours.length];
    const until = retired ?? closed;
    return [
      text(left - 10, y + 13, `instance ${k + 1}`, 'end'),
      box(x(opening), y, Math.max(1.5, x(ready) - x(opening)), 18, colour, 0.3),
      box(x(ready), y, x(until) - x(ready), 18, colour),
      box(x(until), y, Math.max(0, x(closed) - x(until)), 18, colour, 0.45),
    ].join('');
  });
  const flags = marks.map(({ at, what }, i) => {
    const y = i % 2 ? 58 : 42;
    return `<path d="M${x(at)} ${y + 4}V${height - 12}" stroke="#57606a" stroke-dasharray="3 3"/>${text(x(at) + 4, y, what)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${total} calls by ${workers} workers while the secrets change four times: ${failed} failed. Each new instance is opened and checked while the old one serves.</title>
<style>
#time { transform-origin: ${left}px 0; animation: time ${seconds + 3}s linear infinite; }
@keyframes time { from { transform: scaleX(0); } ${Math.round((seconds / (seconds + 3)) * 100)}%, to { transform: scaleX(1); } }
@media (prefers-reduced-motion: reduce) { #time { animation: none; } }
</style>
<clipPath id="seen"><rect id="time" x="${left}" y="0" width="${width - left}" height="${height}"/></clipPath>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="14" y="22" font-size="15" font-weight="600" fill="#1d2430">${total.toLocaleString('en')} calls while the secrets change four times: ${failed} failed</text>
${text(left - 10, top + high / 2, 'calls', 'end')}
${text(left - 10, top + high / 2 + 16, 'per 100 ms', 'end')}
<g clip-path="url(#seen)">
${columns.join('')}
${flags.join('\n')}
</g>
${bars.map((bar) => bar.slice(0, bar.indexOf('</text>') + 7)).join('\n')}
<g clip-path="url(#seen)">
${bars.map((bar) => bar.slice(bar.indexOf('</text>') + 7)).join('\n')}
</g>
${[0, 2, 4, 6, 8].map((at) => text(x(at), top + high + 18, `${at} s`, 'middle')).join('')}
${text(left, top + high + 36, 'pale: opening and checking · full: serving newcomers · half: its running work ends (drain)')}
</svg>
`;
}

function box(x, y, width, height, fill, opacity) {
  const shown = opacity === undefined ? '' : ` opacity="${opacity}"`;
  return `<rect x="${x}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"${shown}/>`;
}

function text(x, y, words, anchor = 'start') {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#1d2430">${words}</text>`;
}
