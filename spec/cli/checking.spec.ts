import { expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import { memoryKind } from 'hotline/testing';
import { checkConnection } from '../../src/cli/checking.ts';
import { findConnections } from '../../src/cli/connection.ts';

it('opens and pings, or says why not', async () => {
  const memory = memoryKind();
  const connections = { a: { type: 'memory' }, b: { type: 'nonsense' } };
  const retry = { attempts: 1 };
  const hot = createConnections({ sources: [inline({ connections })], types: { memory: memory.Kind }, retry });
  const never = new AbortController().signal;
  const [a, b] = await findConnections(hot);
  memory.failNext();
  const failed = await checkConnection(hot, a!, never);
  expect(failed.error?.code).toBe('open_failed');
  expect(failed.ping).toBeUndefined();
  const checked = await checkConnection(hot, a!, never);
  expect(checked).toMatchObject({ name: 'a', opened: expect.any(Number), ping: expect.any(Number) });
  expect(checked.error).toBeUndefined();
  expect((await checkConnection(hot, b!, never)).error?.code).toBe('unknown_type');
  await hot.close();
});
