import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { filter, firstValueFrom } from 'rxjs';
import { SqlConnection, tomlFile, type ConnectionRegistry } from 'hotline';
import { HotlineModule, InjectConnection, registryToken } from 'hotline/nestjs';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { application, controller, injected } from './application.ts';

class PetsController {
  readonly #pets: SqlConnection;

  constructor(pets: SqlConnection) {
    this.#pets = pets;
  }

  list() {
    return this.#pets.query('select current_database() as home, pg_sleep(0.02)::text');
  }
}

interface Answer {
  readonly code: number;
  readonly home: string | undefined;
}

describe('a Nest application on a real PostgreSQL', () => {
  let postgres: Postgres;
  let folder: string;
  let app: INestApplication;
  let secrets: string;
  const save = (database: string): Promise<void> =>
    writeFile(secrets, `[connections.pets]\ntype = "sql"\nurl = "${postgres.url({ database })}"\n`);

  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.sql('create database farm');
    folder = await mkdtemp(join(tmpdir(), 'hotline-nest-'));
    secrets = join(folder, 'secrets.toml');
    await save('postgres');
    const root = HotlineModule.forRoot({
      sources: [tomlFile(secrets)],
      connections: { pets: { type: SqlConnection, knex: { pool: { max: 5 } } } },
    });
    const Pets = controller(injected(PetsController, InjectConnection('pets')), 'pets', 'list');
    app = await application([root], [Pets]);
  }, 60_000);
  afterAll(async () => {
    await postgres.close();
    await rm(folder, { recursive: true });
  }, 60_000);

  it('rotated by editing the file and shut down, both under load: no request fails', async () => {
    let received = 0;
    app.use((_request: unknown, _response: unknown, next: () => void) => {
      received++;
      next();
    });
    await app.listen(0, '127.0.0.1');
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    const answers: Answer[] = [];
    let refused = 0;
    let stopping = false;
    const worker = async (): Promise<void> => {
      while (refused === 0)
        await ask(port).then(
          (answer) => answers.push(answer),
          (error: unknown) => {
            if (!stopping) throw error;
            refused++;
          },
        );
    };
    const load = Promise.all(Array.from({ length: 16 }, worker));
    const answered = async (count: number): Promise<void> => {
      while (answers.length < count) await new Promise((done) => setTimeout(done, 5));
    };

    await answered(100);
    const hot = app.get<ConnectionRegistry>(registryToken);
    const closed = firstValueFrom(hot.events$.pipe(filter(({ type }) => type === 'instance.closed')));
    await save('farm');
    await closed;
    const before = answers.length;
    await answered(before + 100);
    stopping = true;
    await app.close();
    await load;

    expect(answers.filter(({ code }) => code !== 200)).toEqual([]);
    // What was never received was refused by a server that had stopped listening.
    expect(answers).toHaveLength(received);
    expect(new Set(answers.slice(0, 50).map(({ home }) => home))).toEqual(new Set(['postgres']));
    expect(new Set(answers.slice(before + 16).map(({ home }) => home))).toEqual(new Set(['farm']));
    const left = await postgres.sql(
      `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    expect(left).toEqual([]);
  }, 60_000);
});

/** One request on a line of its own. */
function ask(port: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/pets', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => {
        const home = /"home":"(\w+)"/.exec(text)?.[1];
        resolve({ code: response.statusCode ?? 0, home });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}
