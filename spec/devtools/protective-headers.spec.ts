import { describe, expect, it } from '@jest/globals';
import { protective } from '../../src/devtools/protective-headers.ts';

describe('protective headers', () => {
  const headers = protective(['abc=']);

  it('let run nothing but the own scripts and those written into the page', () => {
    const policy = headers['content-security-policy']!.split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'sha256-abc='");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/);
  });

  it('let nothing be kept, guessed or told to others', () => {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
});
