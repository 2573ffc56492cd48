// An HTTP API as a kind: the address, the token and the timeout come from the secrets, and so do their changes.
import type { Observable } from 'rxjs';
import { BaseConnection, type Config, type ErrorCategory, type LeaseContext } from 'hotline';

type Ask = (path: string, signal: AbortSignal) => Promise<string>;

export class HttpApiConnection extends BaseConnection<Ask> {
  static override readonly settings = {
    base_url: { public: true, description: 'Where the API begins, with a slash at its end.' },
    auth_header: { public: true, description: 'The header that carries the token. Default: authorization.' },
    token: { description: 'What that header says.' },
    timeout_ms: { public: true, description: 'Milliseconds for one request. Default: 10000.' },
  };
  protected override connect({ base_url, auth_header = 'authorization', token, timeout_ms = 10_000 }: Config): Ask {
    const headers: Record<string, string> = token === undefined ? {} : { [String(auth_header)]: String(token) };
    return async (path, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(Number(timeout_ms))]);
      const response = await fetch(new URL(path, String(base_url)), { headers, signal: limit });
      const { ok, status, statusText } = response;
      const text = await response.text();
      if (ok) return text;
      throw Object.assign(new Error(`${status} ${statusText}`), { status });
    };
  }
  protected override check(ask: Ask, { signal }: LeaseContext): Promise<string> {
    return ask('', signal);
  }
  protected override classify(error: unknown): ErrorCategory | undefined {
    const { status, name } = (error ?? {}) as { status?: number; name?: string };
    if (name === 'TimeoutError') return 'timeout';
    return status === 401 || status === 403 ? 'auth' : status && status < 500 ? 'config' : undefined;
  }
  /** The JSON at a path; again after every change of the settings. */
  get$<T>(path: string): Observable<T> {
    return this.use$(async (ask, { signal }) => JSON.parse(await ask(path, signal)) as T);
  }
}
