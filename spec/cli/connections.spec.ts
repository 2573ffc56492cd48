import { afterEach, expect, it } from '@jest/globals';
import { createConnections, inline, type ConnectionRegistry, type SecretTree } from 'hotline';
import { memoryKind } from 'hotline/testing';
import { findConnection, findConnections } from '../../src/cli/connections.ts';

let hot: ConnectionRegistry;
afterEach(() => hot.close());
const memory = memoryKind();
const make = (connections: SecretTree): void => {
  hot = createConnections({ sources: [inline({ connections })], types: { memory: memory.Kind } });
};

it('finds all, each with its handle or why it has none, and opens nothing', async () => {
  make({ a: { type: 'memory' }, b: { type: 'nonsense' }, sql: { url: 'x' } });
  const found = await findConnections(hot);
  expect(found.map(({ name, handle, error }) => [name, handle?.kind ?? error?.code])).toEqual([
    ['a', 'MemoryConnection'],
    ['b', 'unknown_type'],
    ['sql', 'SqlConnection'],
  ]);
  expect(memory.log).toEqual([]);
});

it('refuses a name that is not there, with the nearest that is', async () => {
  make({ pets: { type: 'memory' } });
  await expect(findConnection(hot, 'petz')).rejects.toThrow('There is no connection "petz". Did you mean "pets"?');
  await expect(findConnection(hot, 'orders')).rejects.toThrow('There is no connection "orders". There is: pets.');
  expect((await findConnection(hot, 'pets')).name).toBe('pets');
});

it('says how to begin where there is none', async () => {
  make({});
  expect(await findConnections(hot)).toEqual([]);
  await expect(findConnection(hot, 'pets')).rejects.toThrow('hotline init');
});
