import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createConnections, environmentVariables, inline, tomlFile, type ConnectionRegistry } from 'hotline';
import { memoryKind } from 'hotline/testing';

const warned: string[] = [];
const open: ConnectionRegistry[] = [];
beforeEach(() => {
  warned.length = 0;
  jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    if ((options as { code?: string }).code === 'registries_alike') warned.push(String(message));
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(open.splice(0).map((hot) => hot.close()));
});

const memory = memoryKind({ settings: {} });

/** What a module does that a development server evaluates: it makes a registry and opens a connection. */
async function evaluate(options: Parameters<typeof createConnections>[0] = {}): Promise<ConnectionRegistry> {
  const sources = [tomlFile('none.toml', { optional: true }), environmentVariables()];
  const hot = createConnections({ sources, types: { memory: memory.Kind }, ...options });
  open.push(hot);
  await hot.connection('pets', { type: 'memory' });
  return hot;
}

describe('registries over the same files in one process', () => {
  it('are one warning from the third on, however many there are', async () => {
    await evaluate();
    await evaluate();
    expect(warned).toEqual([]);
    for (let edit = 0; edit < 8; edit++) await evaluate();
    expect(warned).toEqual([expect.stringMatching(/^3 registries .*none\.toml.*defaultConnections\(\)/)]);
  });

  it('are no warning where each is closed before the next, though its closing takes a while', async () => {
    let last: ConnectionRegistry | undefined;
    for (let edit = 0; edit < 20; edit++) {
      void last?.close();
      last = await evaluate();
    }
    expect(warned).toEqual([]);
    expect(memory.open.length).toBe(1);
  });

  it('are no warning where they are meant: each with an instance, or with other sources, or never used', async () => {
    for (let one = 0; one < 4; one++) await evaluate({ instance: `worker ${one}` });
    for (let one = 0; one < 4; one++) await evaluate({ sources: [tomlFile(`tenant-${one}.toml`, { optional: true })] });
    for (let one = 0; one < 4; one++) await evaluate({ sources: [inline({})] });
    for (let one = 0; one < 4; one++) open.push(createConnections({ sources: [tomlFile('other.toml')] }));
    expect(warned).toEqual([]);
  });

  it('tell those who listen to events$', async () => {
    const codes: string[] = [];
    const sources = [tomlFile('heard.toml', { optional: true })];
    for (let edit = 0; edit < 3; edit++) {
      const hot = createConnections({ sources, types: { memory: memory.Kind } });
      open.push(hot);
      hot.events$.subscribe((event) => event.type === 'warning' && codes.push(event.code));
      await hot.connection('pets', { type: 'memory' });
    }
    expect([codes, warned]).toEqual([['registries_alike'], []]);
  });
});
