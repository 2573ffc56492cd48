// Installs the clients of the rotation matrix into .cache/clients, once, and puts the built package beside them.
// They are no dev dependencies: `npm install` stays quick.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';

const folder = resolve('.cache/clients');
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** Each client at its newest version that runs on the Node.js of the tests. */
export const clients = {
  '@mikro-orm/core': '6.6.7',
  '@mikro-orm/knex': '6.6.7',
  '@mikro-orm/postgresql': '6.6.7',
  '@prisma/adapter-pg': '7.10.1',
  '@prisma/client': '7.10.0',
  'connect-pg-simple': '10.0.0',
  'drizzle-orm': '0.45.4',
  'express-session': '1.19.0',
  'graphile-worker': '0.17.3',
  kysely: '0.28.19',
  objection: '3.1.5',
  'pg-boss': '10.4.2',
  'pg-copy-streams': '7.0.0',
  'pg-query-stream': '4.17.0',
  prisma: '7.10.1',
  sequelize: '6.37.8',
  typeorm: '1.1.1',
};

/** Resolves to the folder. */
export function install() {
  const { knex, mysql2, pg, 'pg-cursor': cursor, rxjs } = manifest.devDependencies;
  const dependencies = { ...manifest.dependencies, ...clients, knex, mysql2, pg, 'pg-cursor': cursor, rxjs };
  const text = JSON.stringify({ private: true, dependencies }, undefined, 2);
  const file = resolve(folder, 'package.json');
  mkdirSync(folder, { recursive: true });
  const known = existsSync(resolve(folder, 'node_modules')) && existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!known) {
    writeFileSync(file, text);
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps', '--silent'];
    execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'inherit' });
    generatePrisma();
  }
  const own = resolve(folder, 'node_modules/hotline');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  for (const part of ['dist', 'package.json']) cpSync(part, resolve(own, part), { recursive: true });
  return folder;
}

/** Prisma's client is generated TypeScript. It would download an engine that its adapters do not need. */
function generatePrisma() {
  const schema = `generator client {
  provider     = "prisma-client"
  output       = "./prisma"
  engineType   = "client"
  moduleFormat = "cjs"
}
datasource db {
  provider = "postgresql"
}
model Pet {
  id Int @id
}
`;
  writeFileSync(resolve(folder, 'schema.prisma'), schema);
  writeFileSync(
    resolve(folder, 'prisma.config.ts'),
    "export default { schema: 'schema.prisma', datasource: { url: 'postgresql://nobody@127.0.0.1/none' } };\n",
  );
  const env = { ...process.env, NODE_OPTIONS: '', PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' };
  execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], { cwd: folder, env });
  buildSync({
    entryPoints: [resolve(folder, 'prisma/client.ts')],
    outfile: resolve(folder, 'prisma-client.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'error',
  });
}
