import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createConnections, inline } from 'hotline';
import { findConnection } from '../../src/cli/connections.ts';
import { policiesIn, settingsOf } from '../../src/cli/settings.ts';

it('says what a setting and a policy mean, and shows no secret', async () => {
  const pets = { type: 'sql', host: 'db', password: 'planted', knex: { pool: { max: 3 } }, ttl: '1h' };
  const hot = createConnections({ sources: [inline({ connections: { pets } })] });
  const settings = settingsOf(await findConnection(hot, 'pets'));
  const policies = policiesIn(await firstValueFrom(hot.secrets$), 'pets');
  await hot.close();
  expect(settings.map(({ path, value }) => [path, value])).toEqual([
    ['host', 'db'],
    ['password', '[redacted]'],
    ['knex.pool.max', '[redacted]'],
  ]);
  expect(settings[0]!.meaning).toBe('The server.');
  expect(settings[2]!.meaning).toMatch(/^Options of knex/);
  expect(policies).toEqual([{ path: 'ttl', value: '1h', origin: 'inline', meaning: expect.stringMatching(/^Age/) }]);
});
