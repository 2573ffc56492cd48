import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createConnections, inline } from 'hotline';
import { namedKinds } from '../../../src/cli/names/named-kinds.ts';

it('takes the kind from the type or the name, and nothing that could be a value', async () => {
  const types = { a: 'sql', b: './k.js#K', c: 'planted secret', d: 'x#y z', e: 'm#1', f: 7 };
  const sections = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
  const hot = createConnections({ sources: [inline({ connections: { snowflake: {}, ...sections } })] });
  const kinds = namedKinds(await firstValueFrom(hot.secrets$));
  await hot.close();
  expect(kinds).toEqual([
    { name: 'a', kind: { module: 'hotline', export: 'SqlConnection' } },
    { name: 'b', kind: { module: './k.js', export: 'K' } },
    ...['c', 'd', 'e', 'f'].map((name) => ({ name, kind: undefined })),
    { name: 'snowflake', kind: { module: 'hotline', export: 'SnowflakeConnection' } },
  ]);
});
