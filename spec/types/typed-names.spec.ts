import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deepIt, depth } from '../support/depth.ts';
import { makeProject, type Project } from '../support/project.ts';

/** Says which lines of which files do not compile. */
function compile(project: Project): Promise<string[]> {
  const tsc = resolve('node_modules/@typescript/native/bin/tsc');
  return new Promise((done) => {
    execFile(
      process.execPath,
      [tsc, '-p', project.root, '--pretty', 'false'],
      { cwd: project.root },
      (_error, stdout) =>
        done(
          stdout.split('\n').flatMap((line) => /^[^(]+\(\d+/.exec(line)?.map((place) => place.replace('(', ':')) ?? []),
        ),
    );
  });
}

describe('the types of the built package, in a project of somebody else', () => {
  let project: Project;

  beforeAll(async () => {
    project = await makeProject();
    await project.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, types: ['node'] },
        include: [join('src', '*.ts')],
      }),
    );
  });
  afterAll(() => project.remove());

  deepIt('any name compiles until Connections says which there are', async () => {
    await project.write(
      'src/plain.ts',
      `import { connection, connection$, SqlConnection } from 'hotline';
       import { memoryKind } from 'hotline/testing';
       export const a: Promise<SqlConnection> = connection('sql');
       export const b: Promise<SqlConnection> = connection('pets', { type: SqlConnection });
       export const c = connection$('anything', { type: memoryKind().Kind });
       export const rows: Promise<readonly object[]> = a.then((sql) => sql.query('select 1'));`,
    );
    expect(await compile(project)).toEqual([]);
  });

  it('then a name is typed, and a misspelt one does not compile', async () => {
    await project.write(
      'src/connections.d.ts',
      `import type { SqlConnection } from 'hotline';
       declare module 'hotline' { interface Connections { pets: SqlConnection } }`,
    );
    await project.write(
      'src/plain.ts',
      `import { connection, connection$, createConnections, SqlConnection } from 'hotline';
       export const a: Promise<SqlConnection> = connection('pets');
       export const b: Promise<SqlConnection> = createConnections().connection('pets', { ttl: '1h' });
       export const c: Promise<SqlConnection> = connection('sql');
       export const d = connection('env:PETS');
       export const e = connection('petz');
       export const f = connection$('pest');
       export const g = connection('petz', { type: SqlConnection });`,
    );
    expect(await compile(project)).toEqual(['src/plain.ts:6', 'src/plain.ts:7']);
  });

  it.each(depth(['NodeNext'], ['NodeNext', 'Node16', 'Bundler']))(
    'compiles without skipLibCheck where no optional peer is installed: %s',
    async (resolution) => {
      const { peerDependenciesMeta } = JSON.parse(await readFile('package.json', 'utf8')) as {
        peerDependenciesMeta: Record<string, unknown>;
      };
      const bare = await makeProject({ without: Object.keys(peerDependenciesMeta) });
      await bare.write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: {
            module: resolution === 'Bundler' ? 'ESNext' : resolution,
            moduleResolution: resolution,
            ...{ target: 'ES2023', strict: true, noEmit: true, skipLibCheck: false, types: ['node'] },
          },
          include: [join('src', '*.ts')],
        }),
      );
      await bare.write(
        'src/plain.ts',
        `import { connection, SqlConnection, SnowflakeConnection } from 'hotline';
         export const a = connection('pets', { type: SqlConnection });
         export const b = connection('flakes', { type: SnowflakeConnection });`,
      );
      expect(await compile(bare)).toEqual([]);
      await bare.remove();
    },
  );

  deepIt('a secret is of any type until SecretTypes says more; then a misspelt path does not compile', async () => {
    const lines = `import { secret, secret$, createConnections } from 'hotline';
       export const a: Promise<string> = secret<string>('openai.api_key');
       export const b: Promise<string> = createConnections().secret('openai.api_key');
       export const c = secret('openai.api_kye');
       export const d = secret$('openai.zzz');
       export const e = secret(['openai', 'a.b']);
       export const f: Promise<string> = secret<string>('connections.pets.url');`;
    await project.write('src/plain.ts', lines.replace('.secret(', '.secret<string>('));
    expect(await compile(project)).toEqual([]);
    await project.write('src/plain.ts', lines.replace('secret<string>', 'secret'));
    await project.write(
      'src/secrets.d.ts',
      `export {}; declare module 'hotline' { interface SecretTypes { 'openai.api_key': string } }`,
    );
    expect(await compile(project)).toEqual(['src/plain.ts:4', 'src/plain.ts:5']);
  });
});
