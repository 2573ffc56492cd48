import { describe, expect, it } from '@jest/globals';
import { policyNamed, policySettings } from '../../src/secrets/policy-settings.ts';

describe('policyNamed', () => {
  it('knows each policy in camelCase and in snake_case', () => {
    for (const name of policySettings) expect(policyNamed(name)).toBe(name);
    expect(policyNamed('idle_timeout')).toBe('idleTimeout');
    expect(policyNamed('max_entries')).toBe('maxEntries');
  });

  it('knows nothing else', () => {
    for (const key of ['Ttl', 'idle-timeout', 'timeout', 'constructor', 'type'])
      expect(policyNamed(key)).toBeUndefined();
  });
});
