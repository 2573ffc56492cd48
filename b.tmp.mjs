import { createConnections, inline, SqlConnection } from 'hotline';
import pg from 'pg'; import mysql from 'mysql2'; import Libsql from 'libsql';
const which = process.argv[2] ?? 'pg', rounds = +(process.argv[3] ?? 60), block = 100;
const hot = createConnections({ sources: [inline({ connections: { pg: { type:'sql', url: 'postgresql://postgres@127.0.0.1/test' }, my: {type:'sql', url:'mysql://root@127.0.0.1/test'}, lite: {type:'sql', url:'sqlite://'} } })] });
const db = await hot.connection(which, { type: SqlConnection });
const variants = {};
const sqlq = { pg: 'select i, \'row \' || i as t, 1.5::float8 as f, true as b, i*2 as d from generate_series(1, $1::int) i', };
if (which === 'pg') {
  const pool = new pg.Pool({ host: '127.0.0.1', user: 'postgres', database: 'test' });
  const text = "select i, 'row ' || i as t, 1.5::float8 as f, true as b, i*2 as d from generate_series(1, $1::int) i", ours = text.replace('$1', '?');
  variants.pool = () => pool.query(text, [10]);
  variants.hotline = () => db.query(ours, { params: [10] });
  variants.timeout = () => db.query(ours, { params: [10], timeout: 5000 });
  const ac = new AbortController();
  variants.signal = () => db.query(ours, { params: [10], timeout: 5000, signal: ac.signal });
} else if (which === 'my') {
  const pool = mysql.createPool({ host: '127.0.0.1', user: 'root', database: 'test' });
  const text = 'select seq as i, concat(\'row \', seq) as t from seq_1_to_10 where seq <= ?';
  variants.pool = () => new Promise((r, j) => pool.query(text, [10], (e, rows) => e ? j(e) : r(rows)));
  variants.hotline = () => db.query(text, { params: [10] });
  variants.timeout = () => db.query(text, { params: [10], timeout: 5000 });
} else {
  const l = new Libsql(':memory:');
  const text = 'with recursive n(i) as (select 1 union all select i+1 from n where i < ?) select i, \'row \' || i as t, 1.5 as f, 1 as b, i*2 as d from n';
  const st = l.prepare(text);
  variants.prepared = async () => st.all([10]);
  variants.hotline = () => db.query(text, { params: [10] });
  variants.timeout = () => db.query(text, { params: [10], timeout: 5000 });
}
const conc = +(process.argv[4] ?? 1);
const run = async (f) => { const n = block; const c0 = process.cpuUsage(), t0 = process.hrtime.bigint(); if (conc === 1) for (let i = 0; i < n; i++) await f(); else await Promise.all(Array.from({ length: conc }, async () => { for (let i = 0; i < n/conc; i++) await f(); })); const t = Number(process.hrtime.bigint() - t0) / n / 1000; const c = process.cpuUsage(c0); return [t, (c.user + c.system) / n]; };
const only = process.argv[5]; if (only) for (const k of Object.keys(variants)) if (k !== only) delete variants[k];
const names = Object.keys(variants); const out = Object.fromEntries(names.map(n => [n, []]));
for (const n of names) for (let i = 0; i < 40; i++) await run(variants[n]);
for (let r = 0; r < rounds; r++) for (const n of names) out[n].push(await run(variants[n]));
const p10 = (a) => a.sort((x, y) => x - y)[Math.floor(a.length * 0.1)];
const base = names[0]; const b = [p10(out[base].map(x => x[0])), p10(out[base].map(x => x[1]))];
for (const n of names) { const w = p10(out[n].map(x => x[0])), c = p10(out[n].map(x => x[1])); console.log(which, n.padEnd(10), w.toFixed(1), 'µs', (w / b[0]).toFixed(2), '| cpu', c.toFixed(1), (c / b[1]).toFixed(2)); }
process.exit(0);
