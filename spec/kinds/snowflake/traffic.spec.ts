import { describe, expect, it } from '@jest/globals';
import { Call } from '../../../src/kinds/snowflake/call.ts';
import { Traffic, type DriverHttp, type DriverRequest } from '../../../src/kinds/snowflake/traffic.ts';

/** The driver's axios, as far as interceptors go. */
function http(): { http: DriverHttp; send(request: DriverRequest): DriverRequest; answer(): void } {
  let ready!: (request: DriverRequest) => DriverRequest;
  let answered!: (response: unknown) => unknown;
  return {
    http: {
      interceptors: {
        request: { use: (use) => (ready = use) },
        response: { use: (use) => (answered = use as never) },
      },
    },
    send: (request) => ready(request),
    answer: () => void answered({}),
  };
}

const options = { signal: undefined, silence: 1000 };
const post = (url: string): DriverRequest => ({ url, method: 'POST', useSnowflakeRetryMiddleware: true });
const query = (id: string): DriverRequest => post(`https://x/queries/v1/query-request?requestId=${id}`);

describe('the requests of the driver', () => {
  it('belong to the call that they are made in, and stop with it', async () => {
    const { http: axios, send } = http();
    expect(new Traffic(axios).reached).toBe(true);
    const call = new Call(options);
    const request = await call.during(async () => send(post('https://x/anything')));
    expect(request.signal).toBe(call.signal);
    expect(request.snowflakeRetryConfig).toMatchObject({ maxRetries: 7 });
    call.stop(new Error('no'));
    expect((request.signal as AbortSignal).aborted).toBe(true);
  });

  it('stop with their own signal too', async () => {
    const { http: axios, send } = http();
    new Traffic(axios);
    const own = new AbortController();
    const request = await new Call(options).during(async () => send({ ...post('https://x'), signal: own.signal }));
    own.abort();
    expect((request.signal as AbortSignal).aborted).toBe(true);
  });

  it('of a statement belong to its call, whatever call they are sent from', async () => {
    const { http: axios, send } = http();
    const traffic = new Traffic(axios);
    const mine = new Call(options);
    const end = traffic.watch('abc-1', mine);
    const other = new Call(options);
    expect((await other.during(async () => send(query('abc-1')))).signal).toBe(mine.signal);
    end();
    expect((await other.during(async () => send(query('abc-1')))).signal).toBe(other.signal);
  });

  it('of a renewal belong to nobody: they serve all', async () => {
    const { http: axios, send } = http();
    new Traffic(axios);
    const request = await new Call(options).during(async () => send(post('https://x/session/token-request?a=b')));
    expect(request.signal).toBeUndefined();
  });

  it('made outside of any call are left alone', () => {
    const { http: axios, send } = http();
    new Traffic(axios);
    expect(send(post('https://x'))).toEqual(post('https://x'));
  });

  it('of one statement are sent five times at the most, not counting those that the driver repeats', async () => {
    const { http: axios, send } = http();
    const traffic = new Traffic(axios);
    const call = new Call(options);
    traffic.watch('abc', call);
    for (let i = 0; i < 20; i++) send({ ...query('abc'), url: `${query('abc').url}&retryCount=1` });
    for (let i = 0; i < 5; i++) send(query('abc'));
    expect(call.signal.aborted).toBe(false);
    send(query('abc'));
    expect(call.signal.reason).toMatchObject({ code: 'ABANDONED', message: 'the session could not be renewed' });
  });

  it('of many statements in one call are counted one by one: a PUT sends one a file', async () => {
    const { http: axios, send } = http();
    new Traffic(axios);
    const call = new Call(options);
    await call.during(async () => Array.from({ length: 50 }, (_, i) => send(query(`abc-${i}`))));
    expect(call.signal.aborted).toBe(false);
  });

  it('for the result of a statement that runs are sent for as long as the call waits', async () => {
    const { http: axios, send } = http();
    new Traffic(axios);
    const get = { ...post('https://x/queries/abc-1/result?disableOfflineChunks=false'), method: 'GET' };
    const request = await new Call(options).during(async () => send(get));
    expect(request.snowflakeRetryConfig).toMatchObject({ maxRetries: Infinity });
  });

  it('that cannot be reached are left to themselves', () => {
    expect(new Traffic(undefined).reached).toBe(false);
  });
});
