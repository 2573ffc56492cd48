import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionRegistry } from '../index.ts';
import { healthReport, type HealthOptions } from './report.ts';

/** Answers one request; another path goes to `next`, or is 404 where there is none. */
export type HealthHandler = (
  request: Pick<IncomingMessage, 'method' | 'url'>,
  response: Pick<ServerResponse, 'writeHead' | 'end'>,
  next?: () => void,
) => void;

/**
 * A handler for any Node HTTP server: a path that ends with `/live` is 200 as long as the process answers, one that ends with
 * `/ready` is 200 while every connection serves and `close()` has not begun, else 503. The answers are JSON, without a secret in them.
 *
 * @example
 * createServer(healthHandler(hot, { connections: ['pets'] })).listen(8080);
 * app.use('/health', healthHandler(hot)); // express
 */
export function healthHandler(hot: ConnectionRegistry, options: HealthOptions = {}): HealthHandler {
  return (request, response, next) => {
    const probe = /\/(live|ready)\/?(?:\?.*)?$/.exec(request.url ?? '')?.[1];
    const { method = 'GET' } = request;
    const answer = (code: number, body: object): void => {
      const text = JSON.stringify(body);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      response.writeHead(code, { ...headers, 'cache-control': 'no-store' });
      response.end(method === 'HEAD' ? undefined : text);
    };
    if (!probe && next) return next();
    if (!probe) return answer(404, { error: 'Ask for /live or /ready.' });
    if (method !== 'GET' && method !== 'HEAD') return answer(405, { error: 'Only GET and HEAD.' });
    if (probe === 'live') return answer(200, { status: 'up' });
    healthReport(hot, options).then(
      (report) => answer(['down', 'draining'].includes(report.status) ? 503 : 200, report),
      () => answer(503, { status: 'down' }),
    );
  };
}
