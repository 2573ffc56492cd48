import { afterEach, describe, expect, it } from '@jest/globals';
import { connection, connection$, defaultConnections, inline } from 'hotline';
import { firstValueFrom } from 'rxjs';
import { runInChild } from './support/child.ts';
import { clockKind } from './support/clock.ts';

describe('the default registry', () => {
  const sources = [inline({ connections: { wall: { zone: 'UTC' } } })];
  afterEach(() => defaultConnections().close());

  it('is one, made on first use', () => {
    const made = defaultConnections({ sources });
    expect(defaultConnections()).toBe(made);
  });

  it('is what connection and connection$ speak of', async () => {
    const { ClockConnection, opened } = clockKind();
    const hot = defaultConnections({ sources });
    const one = await connection('wall', { type: ClockConnection });
    expect(await firstValueFrom(connection$('wall', { type: ClockConnection }))).toBe(one);
    expect(await hot.connection('wall', { type: ClockConnection })).toBe(one);
    expect(opened).toHaveLength(1);
  });

  it('refuses options that come too late', () => {
    defaultConnections({ sources });
    expect(() => defaultConnections({ sources })).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('makes way for a new one when it is closed', async () => {
    const first = defaultConnections({ sources });
    await first.close();
    const second = defaultConnections({ sources });
    expect(second).not.toBe(first);
    await first.close();
    expect(defaultConnections()).toBe(second);
  });

  it('survives that its module is loaded a second time, as a development server does', async () => {
    const ended = await runInChild(`
      const first = load('src/index.ts').defaultConnections();
      for (const file of Object.keys(require.cache)) delete require.cache[file];
      console.log(load('src/index.ts').defaultConnections() === first);
      await first.close();
    `);
    expect(ended).toEqual({ code: 0, stopped: false, stdout: 'true\n', stderr: '' });
  });
});
