import { EventEmitter } from 'node:events';
import { expect, it } from '@jest/globals';
import { interruption } from '../../src/cli/interruption.ts';

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
