// The clients of the rotation matrix, installed into .cache/clients.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
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
  'better-auth': '1.7.25',
  'connect-pg-simple': '10.0.0',
  'drizzle-orm': '0.45.4',
  'express-session': '1.19.0',
  'graphile-worker': '0.17.3',
  graphql: '15.10.1',
  kysely: '0.28.19',
  objection: '3.1.5',
  'pg-boss': '10.4.2',
  'pg-copy-streams': '7.0.0',
  'pg-query-stream': '4.17.0',
  postgraphile: '4.14.1',
  prisma: '7.10.1',
  'prisma-6': 'npm:prisma@6.19.3',
  'prisma-6-adapter-pg': 'npm:@prisma/adapter-pg@6.19.3',
  'prisma-6-client': 'npm:@prisma/client@6.19.3',
  sequelize: '6.37.8',
  typeorm: '1.1.1',
};

/** The folder. */
export function install() {
  return installed('clients', { ...clients, ...versions('knex', 'mysql2', 'pg', 'pg-cursor', 'rxjs') }, generatePrisma);
}

/** Prisma's clients are generated TypeScript. They would download an engine that their adapters do not need. */
function generatePrisma(folder) {
  const schema = (output) => `generator client {
  provider     = "prisma-client"
  output       = "./${output}"
  engineType   = "client"
  moduleFormat = "cjs"
}
datasource db {
  provider = "postgresql"
  ${output === 'prisma-6' ? 'url = "postgresql://nobody@127.0.0.1/none"' : ''}
}
model Pet {
  id Int @id
}
`;
  const env = { ...process.env, NODE_OPTIONS: '', PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' };
  for (const name of ['prisma', 'prisma-6']) {
    const settings = `schema: '${name}.prisma'${name === 'prisma' ? ", datasource: { url: 'postgresql://nobody@127.0.0.1/none' }" : ''}`;
    writeFileSync(resolve(folder, `${name}.prisma`), schema(name));
    writeFileSync(resolve(folder, `${name}.config.ts`), `export default { ${settings} };\n`);
    const call = [`node_modules/${name}/build/index.js`, 'generate', '--config', `${name}.config.ts`];
    execFileSync(process.execPath, call, { cwd: folder, env });
    const outfile = resolve(folder, `${name}-client.cjs`);
    buildSync({
      entryPoints: [resolve(folder, `${name}/client.ts`)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      logLevel: 'error',
    });
    // Two versions stand beside each other.
    if (name !== 'prisma')
      writeFileSync(outfile, readFileSync(outfile, 'utf8').replaceAll('@prisma/client', `${name}-client`));
  }
}
