import { describe, expect, it } from '@jest/globals';
import { ConfigError } from 'hotline';
import { shown } from '../../src/devtools/shown-error.ts';

describe('what is shown of an error', () => {
  it('code and message of ours, and no more', () => {
    const error = new ConfigError('missing_config', 'No section.', { cause: new Error('a long story') });
    expect(shown(error)).toEqual({ code: 'missing_config', message: 'No section.' });
  });

  it('of others only that they happened: nobody knows what is in them', () => {
    expect(JSON.stringify(shown(new Error('password is planted-password-1')))).not.toContain('planted');
    expect(shown(undefined).code).toBe('unexpected');
  });
});
