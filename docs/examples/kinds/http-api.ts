// An HTTP API as a kind: the address, the token and the timeout come from the secrets, and so do their changes.
import { defer, from, type Observable } from 'rxjs';
import { BaseConnection, type Config, type ErrorCategory, type LeaseContext } from 'hotline';

type Ask = (path: string, signal: AbortSignal) => Promise<Response>;

export class HttpApiConnection extends BaseConnection<Ask> {
  static override readonly settings = {
    base_url: { public: true, description: 'Where the API begins, with a slash at its end.' },
    auth_header: { public: true, description: 'The header that carries the token. Default: authorization.' },
    token: { description: 'What that header says.' },
    timeout_ms: { public: true, description: 'Milliseconds for one request. Default: 10000.' },
  };

  protected override connect({ base_url, auth_header = 'authorization', token, timeout_ms = 10_000 }: Config): Ask {
    const base = new URL(String(base_url));
    const headers: Record<string, string> = token === undefined ? {} : { [String(auth_header)]: String(token) };
    return async (path, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(Number(timeout_ms))]);
      const response = await fetch(new URL(path, base), { headers, signal: limit });
      if (response.ok) return response;
      await response.body?.cancel();
      throw Object.assign(new Error(`${response.status} ${response.statusText}`), { status: response.status });
    };
  }

  protected override async check(ask: Ask, { signal }: LeaseContext): Promise<void> {
    await (await ask('', signal)).body?.cancel();
  }

  protected override classify(error: unknown): ErrorCategory | undefined {
    const { status, name } = (error ?? {}) as { status?: number; name?: string };
    if (name === 'TimeoutError') return 'timeout';
    return status === 401 || status === 403 ? 'auth' : status !== undefined && status < 500 ? 'config' : undefined;
  }

  /** The JSON at a path. */
  get<T>(path: string): Promise<T> {
    return this.use(async (ask, { signal }) => (await ask(path, signal)).json() as Promise<T>);
  }

  /** The same, and again after every change of the settings. */
  get$<T>(path: string): Observable<T> {
    return this.use$((ask, { signal }) => defer(() => from(ask(path, signal).then((found) => found.json() as T))));
  }
}
