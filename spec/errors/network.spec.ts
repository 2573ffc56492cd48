import { expect, it } from '@jest/globals';
import { OpenError, networkCure } from '../../src/errors/index.ts';

it('knows what to do about what the network says, and nothing about the rest', () => {
  expect(networkCure({ code: 'ECONNREFUSED' })).toContain('Start the server');
  for (const other of [{ code: 'toString' }, { code: 7 }, {}, undefined, null, 'ECONNREFUSED'])
    expect(networkCure(other)).toBeUndefined();
});

it('is the cure of an error that has it as its cause, before that of its code', () => {
  const cause = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  expect(new OpenError('open_failed', 'no', { cause }).cure).toContain('no host of that name');
  expect(new OpenError('open_failed', 'no').cure).toContain('`cause`');
});
