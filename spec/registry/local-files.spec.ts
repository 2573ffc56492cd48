import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject } from 'rxjs';
import { createConnections, inline, type ConnectionRegistry, type SourceState } from '../../src/index.ts';

let folder: string;
let hot: ConnectionRegistry;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-local-'));
});
afterEach(async () => {
  await hot.close();
  await rm(folder, { recursive: true });
});

const from = (trust: 'local' | 'remote', pets: Record<string, string | Record<string, string>>) =>
  new BehaviorSubject<SourceState>({ state: 'loaded', trust, secrets: { connections: { pets } } });
const file = () => `sqlite:///${folder}/pets.db`;

describe('a file of this machine', () => {
  it.each<[string, () => Record<string, string | Record<string, string>>]>([
    ['url', () => ({ url: file() })],
    ['database', () => ({ dialect: 'sqlite', database: `${folder}/pets.db` })],
    ['filename', () => ({ dialect: 'sqlite', filename: `${folder}/pets.db` })],
    ['url', () => ({ url: 'postgresql://a:secret-word@127.0.0.1:1/pets?sslrootcert=/etc/passwd' })],
    ['query', () => ({ url: 'mysql://a:secret-word@127.0.0.1:1/pets', query: { ssl_ca: '/etc/passwd' } })],
    ['knex', () => ({ url: 'sqlite://', knex: { client: 'better-sqlite3' } })],
  ])('is not opened for the %s of a remote source', async (key, section) => {
    hot = createConnections({ sources: [from('remote', { type: 'sql', ...section() })] });
    const refused: Error = await hot.connection('pets').then(
      () => new Error('opened'),
      (error: Error) => error,
    );
    expect(refused).toMatchObject({ code: 'untrusted_reference', connection: 'pets' });
    expect(refused.message).toContain(`"pets": ${key} names a file of this machine`);
    expect(refused.message).not.toContain('secret-word');
  });

  it('is opened where a local source or the call names it, and remote ones may name what is elsewhere', async () => {
    hot = createConnections({ sources: [from('local', { type: 'sql', url: file() })] });
    await hot.connection('pets');
    await hot.close();
    hot = createConnections({ sources: [from('remote', { type: 'sql', url: 'sqlite:///not-this.db' })] });
    await hot.connection('pets', { url: file() });
    await hot.close();
    hot = createConnections({ sources: [from('remote', { type: 'sql', url: 'sqlite://' })] });
    await hot.connection('pets');
  });

  it('that a remote source names later is one warning, and what worked stays', async () => {
    const source = from('remote', { type: 'sql', url: 'sqlite://' });
    hot = createConnections({ sources: [source, inline({})] });
    const warned: string[] = [];
    hot.events$.subscribe((event) => event.type === 'warning' && warned.push(event.code));
    const pets = (await hot.connection('pets')) as unknown as { query(sql: string): Promise<unknown> };
    source.next({ state: 'loaded', trust: 'remote', secrets: { connections: { pets: { type: 'sql', url: file() } } } });
    await hot.reload();
    for (let waits = 0; warned.length === 0 && waits < 200; waits++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(warned).toEqual(['untrusted_reference']);
    expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});
