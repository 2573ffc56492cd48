import type { IncomingMessage } from 'node:http';

/** Where a request was made to, as the browser sees it: Express takes the mount path off `url`, and keeps it beside. */
export function addressOf(request: IncomingMessage): URL {
  const { originalUrl, url = '/' } = request as IncomingMessage & { readonly originalUrl?: string };
  // Only the path counts: what an absolute or odd request line says about the host is not believed.
  const path = (originalUrl ?? url).replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/^\/{2,}/, '/');
  return new URL(`http://board${path.startsWith('/') ? path : `/${path}`}`);
}
