import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { interruption, Outlet } from '../../src/cli/console.ts';
import { screen } from './support/screen.ts';

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

function stage() {
  const exits: number[] = [];
  const signals = new EventEmitter();
  const process = Object.assign(signals, { exit: (code: number) => exits.push(code) });
  return { exits, signals, interrupted: interruption(process as never) };
}

it('asks once, and insists the second time', () => {
  const { exits, signals, interrupted } = stage();
  expect(interrupted.exitCode).toBeUndefined();
  signals.emit('SIGINT');
  expect(interrupted.signal.aborted).toBe(true);
  expect(interrupted.exitCode).toBe(130);
  expect(exits).toEqual([]);
  signals.emit('SIGTERM');
  expect(exits).toEqual([130]);
});

it('is 143 for SIGTERM, and 0 when the reader has gone', () => {
  const asked = stage();
  asked.signals.emit('SIGTERM');
  expect(asked.interrupted.exitCode).toBe(143);
  const gone = stage();
  gone.interrupted.stop('reader-gone');
  gone.interrupted.stop('reader-gone');
  expect(gone.interrupted.exitCode).toBe(0);
  expect(gone.exits).toEqual([]);
});
