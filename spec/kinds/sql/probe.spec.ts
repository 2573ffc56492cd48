import { expect, it } from '@jest/globals';
import { probeOf } from '../../../src/kinds/sql/probe.ts';

it('asks as each family can be asked', () => {
  expect(probeOf('postgresql')).toEqual({ text: ['select 1'], values: [] });
  expect(probeOf('oracle')).toEqual({ text: ['select 1 from dual'], values: [] });
});
