import { describe, expect, it } from '@jest/globals';
import { LeaseError, OpenError, QueryError, scrub, type ErrorCategory } from '../../../src/errors/index.ts';
import { boundTexts, failure, interruption, refusal } from '../../../src/kinds/query/failure.ts';

const context = { connection: 'pets', category: undefined, lost: false, secrets: [], statement: undefined };

describe('failure', () => {
  it.each<[ErrorCategory | undefined, boolean, string, boolean]>([
    ['query', false, 'query_failed', false],
    [undefined, false, 'query_failed', false],
    ['config', false, 'query_failed', false],
    ['transient', true, 'connection_lost', true],
    ['transient', false, 'query_failed', true],
    ['timeout', false, 'timeout', true],
    ['auth', false, 'auth_failed', false],
    ['cancelled', false, 'cancelled', false],
  ])('of category %p, lost %p, is %p', (category, lost, code, retryable) => {
    const error = failure(new Error('said the driver'), { ...context, category, lost });
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code, retryable, connection: 'pets' });
    expect(error.message).toMatch(/^"pets": .*: said the driver$/);
  });

  it('keeps the SQLSTATE, where there is one', () => {
    const state = (error: object) => (failure(error, context) as QueryError).sqlState;
    expect(state({ code: '42P01' })).toBe('42P01');
    expect(state({ code: 'ER_DUP', sqlState: '23000' })).toBe('23000');
    expect(state({ code: 'EPIPE' })).toBeUndefined();
    expect(state({ code: 1062 })).toBeUndefined();
  });

  it('shows no bound value, however deep, and no secret', () => {
    const params = { email: 'alice@example.com', card: 4111111111111111n, list: [{ inner: 'sesame-street' }] };
    const said = 'alice@example.com 4111111111111111 sesame-street opensesame stays';
    const error = failure(new Error(said), { ...context, secrets: ['opensesame'], statement: { sql: '', params } });
    expect(`${error.message} ${(error.cause as Error).message}`).not.toMatch(/alice|4111|sesame/);
    expect(error.message).toContain('stays');
  });

  it('leaves our own errors as they are, and bears anything that is thrown', () => {
    const own = new OpenError('open_failed', 'no');
    expect(failure(own, context)).toBe(own);
    for (const thrown of [undefined, null, 'text', 1, {}, { message: 1 }])
      expect(failure(thrown, context)).toMatchObject({ code: 'query_failed' });
  });
});

describe('interruption', () => {
  it('says cancelled for a signal of the caller, whatever its reason', () => {
    for (const reason of [new DOMException('', 'AbortError'), undefined, 'because'])
      expect(interruption(reason, 'pets')).toMatchObject({ code: 'cancelled', connection: 'pets' });
  });

  it('keeps the code of ours, as a QueryError where it is about the call', () => {
    const timeout = interruption(new LeaseError('timeout', 'too long'), 'pets');
    expect(timeout).toBeInstanceOf(QueryError);
    expect(timeout).toMatchObject({ code: 'timeout', message: 'too long' });
    const cut = new LeaseError('lease_aborted', 'cut');
    expect(interruption(cut, 'pets')).toBe(cut);
  });
});

describe('refusal', () => {
  it('leaves alone what is not about this connection', () => {
    const other = new LeaseError('timeout', 'too long', { connection: 'other' });
    const theirs = new Error('thrown by the callback');
    expect(refusal(other, 'pets')).toBe(other);
    expect(refusal(theirs, 'pets')).toBe(theirs);
    expect(refusal(new LeaseError('timeout', 'x', { connection: 'pets' }), 'pets')).toBeInstanceOf(QueryError);
  });
});

const shown = (said: string, params: unknown): string => scrub(said, boundTexts(params, said));

describe('what a server quotes of the values it was sent', () => {
  it.each([
    ['whole', "duplicate entry 'rosebud'", ['rosebud'], "duplicate entry '[redacted]'"],
    ['by name, at any depth', "bad 'rosebud'", { a: { b: ['rosebud'] } }, "bad '[redacted]'"],
    ['cut short', "near 'a long va'", ['a long value'], "near '[redacted]'"],
    ['cut short twice', "'a long va' or 'a long valu'", ['a long value'], "'[redacted]' or '[redacted]'"],
    ['quoted as SQL does', "near 'O''Hara's'", ["O'Hara's"], "near '[redacted]"],
    ['quoted as MySQL does', "near 'O\\'Hara\\n!", ["O'Hara\n!"], "near '[redacted]"],
    ['bytes', "bad x'726f7365627564'", [Buffer.from('rosebud')], "bad x'[redacted]'"],
    ['a number', 'bad 123456', [123456], 'bad [redacted]'],
  ])('%s', (_, said, params, left) => {
    expect(shown(said, params)).toContain(left);
  });

  it('leaves alone what is none of it', () => {
    expect(shown("column 'rose' does not exist", ['rosebuds are red'])).toBe("column 'rose' does not exist");
  });
});
