import { Call } from './call.ts';

/** The part of an axios request that is used here. */
export interface DriverRequest {
  url?: string;
  method?: string;
  signal?: unknown;
  useSnowflakeRetryMiddleware?: boolean;
  snowflakeRetryConfig?: object;
}

/** The part of the driver's axios that is used here. */
export interface DriverHttp {
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

/** How often the driver sends a request again by itself; with its own figures a dead server is waited for up to 80 seconds. */
const patience = { maxRetries: 2, sleepBase: 0.1, sleepCap: 1 };

/** Every request of the driver, so that a call can stop its own. */
export class Traffic {
  /** Whether the driver's requests can be reached; otherwise a call that is stopped leaves them to themselves. */
  readonly reached: boolean;
  readonly #statements = new Map<string, Call>();

  constructor(http: DriverHttp | undefined) {
    this.reached = http !== undefined;
    http?.interceptors.request.use((request) => this.#sent(request));
    http?.interceptors.response.use(
      (response) => {
        Call.current?.heard(response.data);
        return response;
      },
      (error: unknown) => {
        const { config } = (error ?? {}) as { config?: DriverRequest };
        Call.current?.failed(config?.url ?? '');
        throw error;
      },
    );
  }

  /** From now on the requests of a statement belong to a call, wherever the driver sends them from. */
  watch(requestId: string, call: Call): () => void {
    this.#statements.set(requestId, call);
    return () => this.#statements.delete(requestId);
  }

  #sent(request: DriverRequest): DriverRequest {
    const url = request.url ?? '';
    // What is renewed serves every call of the connection, so none of them may stop it.
    if (url.includes('/session/token-request')) return request;
    const id = /\/queries\/v1\/query-request\?(?:.*&)?requestId=([\w-]+)/.exec(url)?.[1];
    const statement = id === undefined ? undefined : this.#statements.get(id);
    // A statement that waited for a renewal is sent from the async context of another call.
    const call = statement ?? Call.current;
    if (!call) return request;
    if (request.method?.toLowerCase() === 'post' && !url.includes('retryCount=')) call.sends();
    // What is asked for without the driver's usual patience is a part of a result.
    else if (!request.useSnowflakeRetryMiddleware) call.fetches(url);
    const { signal } = request;
    request.signal = signal instanceof AbortSignal ? AbortSignal.any([signal, call.signal]) : call.signal;
    request.snowflakeRetryConfig = patience;
    return request;
  }
}
