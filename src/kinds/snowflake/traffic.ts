import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Call } from './call.ts';
import { AbandonedError, GarbledAnswer } from './failures.ts';

/** The part of an axios request that is used here. */
export interface DriverRequest {
  url?: string;
  method?: string;
  signal?: unknown;
  useSnowflakeRetryMiddleware?: boolean;
  snowflakeRetryConfig?: object;
  transformResponse?: unknown;
  httpAgent?: unknown;
  httpsAgent?: unknown;
  /** Number of times that it was sent from here. */
  hotlineRepeats?: number;
}

interface RequestError extends Error {
  readonly config?: DriverRequest;
  readonly code?: string;
  readonly response?: { readonly status?: number };
}

/** The part of the driver's axios that is used here. */
export interface DriverHttp {
  request?(request: DriverRequest): Promise<unknown>;
  readonly interceptors: {
    readonly request: { use(ready: (request: DriverRequest) => DriverRequest): unknown };
    readonly response: {
      use<R extends { readonly data?: unknown }>(
        ready: (response: R) => R,
        failed: (error: unknown) => unknown,
      ): unknown;
    };
  };
}

/**
 * How the driver sends a request again by itself: some three seconds, in which a short failure of the server passes. The
 * request keeps its id, so the server runs a statement once. With its own figures a dead server costs up to 80 seconds.
 */
const patience = { maxRetries: 7, sleepBase: 0.3, sleepCap: 0.6 };
/** To ask for the result of a statement that runs changes nothing: the call's own limits end it. */
const polling = { maxRetries: Infinity, sleepBase: 0.3, sleepCap: 2 };
/**
 * Times that a request is sent here, and milliseconds between them: parts of a result, for which the driver alone takes
 * a minute to give up, and answers that were cut, which it does not ask for again.
 */
const maxRepeats = 8;
const repeatPause = 400;

const lostPart = 'a part of the result could not be downloaded';

/** Every request of the driver, so that a call can stop its own. */
export class Traffic {
  /** True when the driver's requests can be reached; otherwise a call that is stopped leaves them to themselves. */
  readonly reached: boolean;
  readonly #http: DriverHttp | undefined;
  readonly #statements = new Map<string, Call>();

  /**
   * @param http The driver's own axios; `undefined` where it cannot be reached.
   * @param storage The axios that moves files to and from the storage of Google.
   */
  constructor(http: DriverHttp | undefined, storage?: DriverHttp) {
    this.reached = http !== undefined;
    this.#http = http;
    storage?.interceptors.request.use((request) => this.#moved(request));
    http?.interceptors.request.use((request) => this.#sent(request));
    http?.interceptors.response.use(
      (response) => {
        Call.current?.heard(response.data);
        return response;
      },
      (error: unknown) => this.#failed(error as RequestError),
    );
  }

  /** From now on the requests of a statement belong to a call, wherever the driver sends them from. */
  watch(requestId: string, call: Call): () => void {
    this.#statements.set(requestId, call);
    return () => this.#statements.delete(requestId);
  }

  #sent(request: DriverRequest): DriverRequest {
    const url = request.url ?? '';
    const api = /\/(?:queries|session)(?:\/|\?|$)/.test(url);
    if (api) request.transformResponse = [request.transformResponse ?? [], refuseGarbled].flat();
    // The driver gives these up at their first failure: a logout, and the session would stay on the server for hours; a heartbeat, and
    // a session would count as gone that is there.
    if (/\/session(?:\?delete=|\/heartbeat)/.test(url)) {
      request.useSnowflakeRetryMiddleware = true;
      request.snowflakeRetryConfig = patience;
    }
    // What is renewed serves every call of the connection, so none of them may stop it.
    if (url.includes('/session/token-request')) return request;
    const id = /[?&]requestId=([\w-]+)/.exec(url)?.[1];
    const statement = id === undefined ? undefined : this.#statements.get(id);
    // A statement that waited for a renewal is sent from the async context of another call.
    const call = statement ?? Call.current;
    if (!call) return request;
    if (request.method?.toLowerCase() === 'post' && !url.includes('retryCount=') && !request.hotlineRepeats)
      call.sends(id ?? url);
    if (isPart(request) && !request.hotlineRepeats) call.sends(url, 2, lostPart);
    const { signal } = request;
    request.signal = signal instanceof AbortSignal ? AbortSignal.any([signal, call.signal]) : call.signal;
    request.snowflakeRetryConfig = /\/queries\/[\w-]+\/result\b/.test(url) ? polling : patience;
    return request;
  }

  /** Files are moved outside of the driver's axios: a call looks whether they come further, and stops them with itself. */
  #moved(request: DriverRequest): DriverRequest {
    const call = Call.current;
    if (!call) return request;
    const { signal } = request;
    request.signal = signal instanceof AbortSignal ? AbortSignal.any([signal, call.signal]) : call.signal;
    request.httpAgent ??= watched(new HttpAgent(), call);
    request.httpsAgent ??= watched(new HttpsAgent(), call);
    return request;
  }

  /** A request failed for the driver. What it does not send again by itself is sent again here. */
  async #failed(error: RequestError): Promise<unknown> {
    const call = Call.current;
    const { config, code, response } = error;
    call?.heard();
    if (!call || !config || code === 'ERR_CANCELED') throw error;
    const part = isPart(config);
    const renewal = config.url?.includes('/session/token-request') === true;
    const garbled = code === 'ERR_BAD_RESPONSE' && response?.status === 200;
    // Without any answer the driver asks for a renewal again and again by itself.
    const away = renewal && (response?.status ?? 0) >= 500;
    if (!(part ? passes(response?.status) : garbled || away)) throw error;
    const repeats = (config.hotlineRepeats ?? 0) + 1;
    if (repeats >= maxRepeats && part) call.stop(new AbandonedError(lostPart));
    if (repeats >= maxRepeats || !this.#http?.request) throw error;
    await sleep(repeatPause, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted) throw error;
    return this.#http.request({ ...config, hotlineRepeats: repeats });
  }
}

/** An agent whose sockets belong to a call. */
function watched(agent: HttpAgent, call: Call): HttpAgent {
  const connecting = agent as unknown as { createConnection(...given: unknown[]): Socket };
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = (...given) => {
    const socket = connect(...given);
    call.watches(socket);
    return socket;
  };
  return agent;
}

/** Tells whether a request is one for a part of a result: the driver asks for it without its usual patience. */
function isPart({ method, useSnowflakeRetryMiddleware, url = '' }: DriverRequest): boolean {
  return method?.toLowerCase() === 'get' && !useSnowflakeRetryMiddleware && !/\/(?:queries|session)\//.test(url);
}

/** Tells whether a failure with that status, or without an answer, may be over in a moment. Storages say 403 for a moment, too. */
function passes(status = 200): boolean {
  return status >= 500 || [200, 403, 408, 429].includes(status);
}

function refuseGarbled(this: unknown, body: unknown, _headers: unknown, status?: number): unknown {
  if ((status === undefined || status === 200) && GarbledAnswer.is(body)) throw new GarbledAnswer(this, status, body);
  return body;
}
