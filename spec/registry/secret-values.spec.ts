import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, secret, secret$, defaultConnections, type ConnectionRegistry } from 'hotline';
import { NEVER, Subject, type Observable } from 'rxjs';

type Tree = Parameters<typeof inline>[0];

let hot: ConnectionRegistry | undefined;
afterEach(() => hot?.close());

const from = (secrets: Tree): ConnectionRegistry => (hot = createConnections({ sources: [inline(secrets)] }));

/** What a stream emits, and how it ends. */
function told(values$: Observable<unknown>): unknown[] {
  const seen: unknown[] = [];
  values$.subscribe({
    next: (value) => seen.push(value),
    error: (error: { code: string }) => seen.push(error.code),
    complete: () => seen.push('complete'),
  });
  return seen;
}

describe('secret', () => {
  const keys = { openai: { api_key: 'sk-1', 'a.b': 2 }, mail: { key: 'k' }, connections: {} };

  it('resolves with one value, by path or by keys; a table prints redacted', async () => {
    from(keys);
    expect(await hot!.secret('openai.api_key')).toBe('sk-1');
    expect(await hot!.secret<number>(['openai', 'a.b'])).toBe(2);
    expect(JSON.stringify(await hot!.secret('mail'))).toBe('{"key":"[redacted]"}');
  });

  it('rejects with missing_secret, which names what was probably meant', async () => {
    from(keys);
    const why = (path: string): Promise<unknown> =>
      hot!.secret(path).catch((error: { code: string; message: string }) => `${error.code}: ${error.message}`);
    expect(await why('openai.apikey')).toBe(
      'missing_secret: There is no secret openai.apikey. Did you mean openai.api_key? Looked in: inline.',
    );
    expect(await why('API_KEY')).toContain('Did you mean openai.api_key?');
    expect(await why('zzzzzzzzzzzz')).not.toContain('Did you mean');
  });

  it('rejects with the reason why nothing could be read, at a signal, and when the registry is closed', async () => {
    const code = (waiting: Promise<unknown>): Promise<unknown> =>
      waiting.catch((error: { code: string }) => error.code);
    hot = createConnections({ sources: [NEVER], openTimeout: 20 });
    const stop = new AbortController();
    const stopped = code(hot.secret('a', { signal: stop.signal }));
    stop.abort();
    expect(await stopped).toBe('cancelled');
    expect(await code(hot.secret('a'))).toBe('source_silent');
    await hot.close();
    expect(await code(hot.secret('a'))).toBe('closed');
  });

  it('secret$ emits again at another value only, keeps what is removed, and completes at close', async () => {
    const secrets$ = new Subject<Record<string, never>>();
    hot = createConnections({ sources: [inline(secrets$)] });
    const seen = told(hot.secret$('api.key'));
    const put = async (secrets: object): Promise<void> => {
      secrets$.next(secrets as never);
      await new Promise((done) => setTimeout(done, 5));
    };
    await put({ api: { key: 'one' } });
    await put({ api: { key: 'one', other: 1 } });
    await put({ api: { other: 1 } });
    await put({ api: { key: 'two' } });
    expect(seen).toEqual(['one', 'two']);
    expect(told(hot.secret$('api.none'))).toEqual(['missing_secret']);
    await hot.close();
    expect(seen).toEqual(['one', 'two', 'complete']);
  });

  it('is there at the top level, for the default registry', async () => {
    hot = defaultConnections({ sources: [inline({ a: { b: 1 } })] });
    expect(await secret('a.b')).toBe(1);
    expect(told(secret$('a.b'))).toEqual([1]);
  });
});
