// A local Snowflake in a process of its own:
//   node spec/support/snowflake-server/main.js [--port 8081] [--file dev.duckdb] [--user dev] [--password dev] [--chunk-rows 10000]
// Forked (see fork.js) it is driven by messages; started by hand it listens until it is stopped.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
require('esbuild-register/dist/node').register({ target: 'node20' });
const { SnowflakeServer } = require('./index.ts');

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
    user: { type: 'string', default: 'dev' },
    password: { type: 'string', default: 'dev' },
    'chunk-rows': { type: 'string', default: '10000' },
  },
});

// The parent's options come as the first message: JSON would lose Infinity.
const given = process.send ? await new Promise((resolve) => process.once('message', resolve)) : {};
const server = new SnowflakeServer({
  users: { [values.user]: { password: values.password } },
  chunkRows: Number(values['chunk-rows']),
  ...(values.file === undefined ? {} : { file: values.file }),
  ...given,
});
await server.listen(Number(values.port));

/** Calls a method (`inject`, `users.set`) or reads a property (`counters`) by its path. */
async function answer({ id, path, args }) {
  try {
    const names = path.split('.');
    const last = names.pop();
    const owner = names.reduce((object, name) => object[name], server);
    const member = owner[last];
    const value = typeof member === 'function' ? await member.apply(owner, args) : member;
    process.send({ id, value: plain(value) });
  } catch (error) {
    process.send({ id, error: String(error?.message ?? error) });
  }
}

// Objects with methods (the server itself, an injected fault) stay on this side.
function plain(value) {
  if (value === server || typeof value?.remove === 'function') return undefined;
  return value;
}

if (process.send) {
  process.on('message', answer);
  process.once('disconnect', () => process.exit());
  process.send({ accessUrl: server.accessUrl });
} else {
  console.log(`account=local accessUrl=${server.accessUrl} username=${values.user} password=${values.password}`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close().then(() => process.exit()));
}
