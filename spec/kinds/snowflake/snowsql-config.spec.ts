import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { snowsqlSettings } from '../../../src/kinds/snowflake/snowsql-config.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hotline-snowsql-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(text: string, name = 'dev'): Promise<unknown> {
  const file = join(directory, 'config');
  await writeFile(file, text);
  return snowsqlSettings(name, file);
}

const general = '[connections]\naccountname = general\n';

describe('2.J', () => {
  it('171: the section of the name, and nothing of the general one', async () => {
    const text = `${general}[connections.dev]\naccountname = "acc"\nusername = u\ndbname = d\nschemaname = s\nwarehousename: w\nROLENAME = r # whose\n`;
    expect(await read(text)).toEqual({
      account: 'acc',
      user: 'u',
      database: 'd',
      schema: 's',
      warehouse: 'w',
      role: 'r',
    });
  });

  it('171: without it the general one', async () => {
    expect(await read(general)).toEqual({ account: 'general' });
    expect(await read(`[options]\nx = 1\n${general}`)).toEqual({ account: 'general' });
  });

  it('171: without a file or a section nothing', async () => {
    expect(await read('[options]\nx = 1')).toBeUndefined();
    expect(snowsqlSettings('dev', join(directory, 'missing'))).toBeUndefined();
  });
});

describe('the file of SnowSQL', () => {
  it('may hold a password of any characters', async () => {
    expect(await read('[connections]\npassword = "a;b#c=d"\n; comment\n# comment\n')).toEqual({ password: 'a;b#c=d' });
  });

  it('that cannot be read is an error', () => {
    expect(() => snowsqlSettings('dev', directory)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });
});
