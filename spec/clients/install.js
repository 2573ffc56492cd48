// The clients of the rotation matrix, installed into .cache/clients.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { installed, versions } from '../support/installed.js';

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

/** The folder. */
export function install() {
  return installed('clients', { ...clients, ...versions('knex', 'mysql2', 'pg', 'pg-cursor', 'rxjs') }, generatePrisma);
}

/** Prisma's client is generated TypeScript. It would download an engine that its adapters do not need. */
function generatePrisma(folder) {
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
