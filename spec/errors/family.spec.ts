import { describe, expect, it } from '@jest/globals';
import { HotlineError, QueryError, SourceError } from '../../src/errors/index.ts';

describe('the family', () => {
  it('is named, and told apart by class as well as by code', () => {
    const error = new SourceError('source_invalid', 'line 3');
    expect(error).toBeInstanceOf(HotlineError);
    expect(error.name).toBe('SourceError');
    expect(String(error)).toBe('SourceError: line 3');
  });

  it('keeps the SQLSTATE of a statement', () => {
    expect(new QueryError('query_failed', '', { sqlState: '42P01' }).sqlState).toBe('42P01');
    expect(new QueryError('query_failed', '').sqlState).toBeUndefined();
  });
});
