import { expect, it } from '@jest/globals';
import { policyOf, policyProperties, writtenPolicy } from '../../src/cli/policies.ts';

it('knows both spellings', () => {
  expect(policyOf('idle_timeout')).toBe(policyOf('idleTimeout'));
  expect(policyOf('idle')).toBeUndefined();
  expect(Object.keys(policyProperties)).toContain('close_timeout');
});

it('shows what looks like a policy, and nothing else', () => {
  expect(writtenPolicy('10m')).toBe('10m');
  expect(writtenPolicy(5n)).toBe(5);
  expect(writtenPolicy({ attempts: 3, min_delay: 'planted', jitter: 'full' })).toEqual({
    attempts: 3,
    min_delay: '[redacted]',
    jitter: 'full',
  });
  expect(writtenPolicy(['planted'])).toBe('[redacted]');
});
