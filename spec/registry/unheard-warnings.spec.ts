import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createConnections, inline } from '../../src/index.ts';
import { memoryKind } from '../../src/testing/index.ts';

const warned: { readonly message: unknown; readonly code: unknown }[] = [];
beforeEach(() => {
  warned.length = 0;
  jest.spyOn(process, 'emitWarning').mockImplementation((message, options) => {
    warned.push({ message, code: (options as { code?: string }).code });
  });
});
afterEach(() => void jest.restoreAllMocks());

const sources = [inline({ connections: { pets: { type: 'sql', url: 'sqlite://', urll: 'x', idle_timeot: '5s' } } })];

describe('a warning', () => {
  it('goes to the process once where nobody listens to events$, and names what was meant', async () => {
    const hot = createConnections({ sources });
    await hot.connection('pets');
    await hot.connection('pets', { ttl: '1h' });
    await new Promise((done) => setImmediate(done));
    const unknown = warned.filter(({ code }) => code === 'unknown_setting').map(({ message }) => message);
    expect(unknown).toEqual([
      expect.stringContaining('"urll"; did you mean "url"?'),
      expect.stringContaining('"idle_timeot"; did you mean "idle_timeout"?'),
    ]);
    await hot.close();
  });

  it('is an event, and nothing else, where somebody listens', async () => {
    const hot = createConnections({ sources, types: { memory: memoryKind().Kind } });
    const codes: string[] = [];
    hot.events$.subscribe((event) => event.type === 'warning' && codes.push(event.code));
    await hot.connection('pets');
    await new Promise((done) => setImmediate(done));
    expect(codes).toEqual(['unknown_setting', 'unknown_setting']);
    expect(warned).toEqual([]);
    await hot.close();
  });
});
