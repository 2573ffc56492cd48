import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';

/** What a text has to be, in WireMock's words. */
interface Pattern {
  readonly equalTo?: string;
  readonly contains?: string;
  readonly doesNotContain?: string;
  readonly matches?: string;
  readonly doesNotMatch?: string;
  readonly absent?: unknown;
  readonly equalToJson?: unknown;
  readonly ignoreExtraElements?: boolean;
  readonly matchesJsonPath?: string | (Pattern & { readonly expression: string });
}
type Patterns = Readonly<Record<string, Pattern>>;

/** One exchange: which request, and what is answered to it. */
export interface Mapping {
  readonly priority?: number;
  readonly scenarioName?: string;
  readonly requiredScenarioState?: string;
  readonly newScenarioState?: string;
  readonly request: {
    readonly method?: string;
    readonly url?: string;
    readonly urlPath?: string;
    readonly urlPattern?: string;
    readonly urlPathPattern?: string;
    readonly queryParameters?: Patterns;
    readonly headers?: Patterns;
    readonly formParameters?: Patterns;
    readonly bodyPatterns?: readonly Pattern[];
  };
  readonly response: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly jsonBody?: unknown;
    readonly body?: string;
    readonly base64Body?: string;
    readonly fixedDelayMilliseconds?: number;
    readonly fault?: string;
  };
}

interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Serves mappings of WireMock on 127.0.0.1: the part of its language that the connectors of Snowflake use. */
export class WireMock {
  readonly #mappings: Mapping[] = [];
  readonly #states = new Map<string, string>();
  readonly #server: Server;
  /** `POST /path`, with the number of the retry where the driver says it. */
  readonly received: string[] = [];
  readonly unmatched: string[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  add(mappings: readonly Mapping[]): void {
    // Of equals the one that came last is asked first.
    this.#mappings.unshift(...[...mappings].reverse());
    this.#mappings.sort((a, b) => (a.priority ?? 5) - (b.priority ?? 5));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const raw = Buffer.concat(parts);
    const body = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw).toString() : raw.toString();
    const url = new URL(request.url ?? '/', this.url);
    const received = { method: request.method ?? '', url, headers: request.headers, body };
    const told = `${received.method} ${url.pathname} ${url.searchParams.get('retryCount') ?? ''}`.trim();
    this.received.push(told);
    const mapping = this.#mappings.find((candidate) => this.#matches(candidate, received));
    if (!mapping) {
      this.unmatched.push(told);
      response.writeHead(404, { 'content-type': 'text/plain' }).end('No mapping matches.');
      return;
    }
    const { scenarioName, newScenarioState } = mapping;
    if (scenarioName !== undefined && newScenarioState !== undefined) this.#states.set(scenarioName, newScenarioState);
    await answer(mapping, received, request, response);
  }

  #matches({ scenarioName, requiredScenarioState, request }: Mapping, received: Received): boolean {
    const state = scenarioName === undefined ? undefined : (this.#states.get(scenarioName) ?? 'Started');
    if (requiredScenarioState !== undefined && state !== requiredScenarioState) return false;
    const { url, headers, body, method } = received;
    const whole = url.pathname + url.search;
    const query = (name: string) => url.searchParams.get(name) ?? undefined;
    const header = (name: string) => [headers[name.toLowerCase()]].flat().join(', ') || undefined;
    const form = new URLSearchParams(body);
    return (
      (request.method === undefined || request.method === 'ANY' || request.method === method) &&
      (request.url === undefined || request.url === whole) &&
      (request.urlPath === undefined || request.urlPath === url.pathname) &&
      (request.urlPattern === undefined || fully(request.urlPattern, whole)) &&
      (request.urlPathPattern === undefined || fully(request.urlPathPattern, url.pathname)) &&
      every(request.queryParameters, query) &&
      every(request.headers, header) &&
      every(request.formParameters, (name) => form.get(name) ?? undefined) &&
      (request.bodyPatterns ?? []).every((pattern) => fits(pattern, body))
    );
  }
}

async function answer(
  { response: said }: Mapping,
  received: Received,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (said.fixedDelayMilliseconds) await delay(said.fixedDelayMilliseconds, undefined, { ref: false });
  const { socket } = request;
  if (said.fault === 'CONNECTION_RESET_BY_PEER') return void socket.resetAndDestroy();
  if (said.fault === 'EMPTY_RESPONSE') return void socket.destroy();
  if (said.fault === 'RANDOM_DATA_THEN_CLOSE') return void socket.end(randomBytes(40));
  if (said.fault === 'MALFORMED_RESPONSE_CHUNK')
    return void socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nlskdu018973t09sylgasjkfg1][]'./.sdlv");
  const json = said.jsonBody === undefined ? undefined : JSON.stringify(said.jsonBody);
  const body =
    said.base64Body === undefined ? filled(json ?? said.body ?? '', received) : Buffer.from(said.base64Body, 'base64');
  const headers = Object.fromEntries(
    Object.entries({ ...(json !== undefined && { 'content-type': 'application/json' }), ...said.headers })
      .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
      .map(([name, value]) => [name, filled(value, received)]),
  );
  response.writeHead(said.status ?? 200, headers).end(body);
}

/** What stands in double braces, out of the request. */
function filled(text: string, { url, body }: Received): string {
  return text
    .replace(/\{\{\s*request\.query\.(\w+)\s*\}\}/g, (_, name: string) => url.searchParams.get(name) ?? '')
    .replace(/\{\{\s*jsonPath request\.body '([^']+)'\s*\}\}/g, (_, path: string) =>
      String(atPath(parsed(body), path)),
    );
}

function every(patterns: Patterns | undefined, value: (name: string) => string | undefined): boolean {
  return Object.entries(patterns ?? {}).every(([name, pattern]) => fits(pattern, value(name)));
}

function fits(pattern: Pattern, text: string | undefined): boolean {
  if ('absent' in pattern) return text === undefined;
  if (text === undefined) return false;
  const { matchesJsonPath } = pattern;
  if (typeof matchesJsonPath === 'string') return atPath(parsed(text), matchesJsonPath) !== undefined;
  if (matchesJsonPath) {
    const found = atPath(parsed(text), matchesJsonPath.expression);
    return fits(matchesJsonPath, typeof found === 'object' ? JSON.stringify(found) : (found as string | undefined));
  }
  return (
    (pattern.equalTo === undefined || pattern.equalTo === text) &&
    (pattern.contains === undefined || text.includes(pattern.contains)) &&
    (pattern.doesNotContain === undefined || !text.includes(pattern.doesNotContain)) &&
    (pattern.matches === undefined || fully(pattern.matches, text)) &&
    (pattern.doesNotMatch === undefined || !fully(pattern.doesNotMatch, text)) &&
    (pattern.equalToJson === undefined || equals(pattern.equalToJson, parsed(text), pattern.ignoreExtraElements))
  );
}

function equals(wanted: unknown, found: unknown, extra = false): boolean {
  const value = typeof wanted === 'string' ? parsed(wanted) : wanted;
  if (!extra || typeof value !== 'object' || value === null) return isDeepStrictEqual(value, found);
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(value).every(([key, inner]) =>
    typeof inner === 'object' && inner !== null
      ? equals(inner, (found as Record<string, unknown>)[key], true)
      : isDeepStrictEqual(inner, (found as Record<string, unknown>)[key]),
  );
}

/** `$.a.b`; no other form of JSONPath is in use. */
function atPath(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.replace(/^\$\.?/, '').split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return at ?? undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fully(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 's').test(text);
}
