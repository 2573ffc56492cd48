import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Outlet } from '../../../src/cli/output/outlet.ts';
import { screen } from '../support/screen.ts';

const never = new AbortController().signal;

describe('Outlet', () => {
  it.each<[boolean, NodeJS.ProcessEnv, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('terminal %p and %j: colours %p', (isTTY, env, coloured) => {
    expect(screen({ isTTY }, env).outlet.colors.isColorSupported).toBe(coloured);
  });

  it('knows the width of a terminal, and none in a pipe', () => {
    expect(screen({ isTTY: true, columns: 66 }).outlet.columns).toBe(66);
    expect(screen().outlet.columns).toBe(Infinity);
  });

  it('waits for a slow reader, until it is interrupted', async () => {
    const waiting: (() => void)[] = [];
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void waiting.push(done) });
    const outlet = new Outlet(slow, {});
    let sent = false;
    const first = outlet.send('rows', never).then(() => (sent = true));
    await new Promise(setImmediate);
    expect(sent).toBe(false);
    waiting.shift()?.();
    await first;
    const stop = new AbortController();
    const second = outlet.send('rows', stop.signal);
    stop.abort();
    await second;
  });
});
