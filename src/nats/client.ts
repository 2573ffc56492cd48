import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { ConfigError, SourceError, type ErrorCategory } from '../index.ts';

/** The error of the server or of its answer, without a token or a password. */
export function trouble(label: string, thrown: unknown, options: NodeConnectionOptions): SourceError {
  if (thrown instanceof SourceError) return thrown;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const [category, what] = told(cause, serversOf(options).map(withoutCredentials).join(', ') || '127.0.0.1:4222');
  const message = `${label}: ${what} What was loaded before stays in use, and it is tried again.`;
  return new SourceError('source_unreadable', message, { category, cause, secrets: secretsOf(options) });
}

/** Tells whether the stream of the bucket is not there. */
export function isLost(thrown: unknown): boolean {
  return (thrown as Error | undefined)?.name === 'StreamNotFoundError';
}

function told({ name, message }: Error, servers: string): [ErrorCategory, string] {
  if (/^(Authorization|UserAuthenticationExpired|Permission)/.test(name))
    return ['auth', `NATS at ${servers} refused the credentials: ${message}.`];
  if (/^JetStreamNotEnabled/.test(name)) return ['config', `NATS at ${servers} runs without JetStream (-js).`];
  if (/does not support 'tls'/.test(message))
    return ['config', `NATS at ${servers} offers no TLS, which was asked for.`];
  return ['transient', `NATS at ${servers} cannot be asked: ${message}.`];
}

function withoutCredentials(server: string): string {
  return server.replace(/^(\w+:\/\/)?.*@/, '$1');
}

function secretsOf(options: NodeConnectionOptions): string[] {
  const inServers = serversOf(options).flatMap((server) => /^(?:\w+:\/\/)?(.*)@/.exec(server)?.[1]?.split(':') ?? []);
  return [options.token, options.pass, ...inServers].filter((secret) => secret !== undefined);
}

/** The default options: never give up, notice a dead link in a minute, come back spread out. */
const defaults: NodeConnectionOptions = {
  name: 'hotline',
  maxReconnectAttempts: -1,
  ignoreAuthErrorAbort: true,
  reconnectTimeWait: 250,
  reconnectJitter: 250,
  pingInterval: 20_000,
  maxPingOut: 2,
};

type Packages = Pick<typeof import('@nats-io/transport-node'), 'connect'> & Pick<typeof import('@nats-io/kv'), 'Kvm'>;

/** A client that comes back by itself, however long its server is away. */
export async function openClient(
  options: NodeConnectionOptions,
): Promise<Pick<Packages, 'Kvm'> & { nats: NatsConnection }> {
  const { connect, Kvm } = await loadPackages();
  return { nats: await connect({ ...defaults, ...options }), Kvm };
}

/**
 * The options with the TLS that a `tls://` among the servers asks for: the client itself takes that for `nats://`, and would
 * send its credentials in clear to a server that offers no TLS. Where one server asks for it, all have to offer it.
 *
 * @throws ConfigError `invalid_argument` where `tls: null` forbids it.
 */
export function secured(options: NodeConnectionOptions): NodeConnectionOptions {
  if (!serversOf(options).some((server) => /^\s*(tls|wss):\/\//i.test(server)) || options.tls) return options;
  if (options.tls === undefined) return { ...options, tls: {} };
  throw new ConfigError(
    'invalid_argument',
    'connect.tls: null forbids the TLS that `tls://` in connect.servers asks for.',
  );
}

/**
 * The options with the login that stands in `servers`, which the client itself does not read there.
 *
 * @throws ConfigError `invalid_argument` where there are several, as the client has one for all of its servers.
 */
export function withLogin(options: NodeConnectionOptions): NodeConnectionOptions {
  const written = serversOf(options).map((server) => /^(?:\w+:\/\/)?(.*)@/.exec(server.trim())?.[1]);
  const [login, ...others] = new Set(written.filter((one) => one !== undefined));
  if (login === undefined) return options;
  const elsewhere = [options.user, options.pass, options.token, options.authenticator].some((one) => one !== undefined);
  if (others.length > 0 || elsewhere)
    throw new ConfigError(
      'invalid_argument',
      'connect: there are several logins, and the client takes one for all servers. Write it once: { user, pass }, { token } or user:password@ in connect.servers.',
    );
  const servers = serversOf(options).map(withoutCredentials);
  const [, user = login, pass] = /^([^:]*):(.*)$/s.exec(login) ?? [];
  const named = pass === undefined ? { token: decoded(user) } : { user: decoded(user), pass: decoded(pass) };
  return { ...options, ...named, servers };
}

/** A percent sign that begins no escape stays one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The servers that the options name. */
function serversOf({ servers = [] }: NodeConnectionOptions): readonly string[] {
  return typeof servers === 'string' ? [servers] : servers;
}

async function loadPackages(): Promise<Packages> {
  try {
    const [{ connect }, { Kvm }] = await Promise.all([import('@nats-io/transport-node'), import('@nats-io/kv')]);
    return { connect, Kvm };
  } catch (cause) {
    const install = 'npm install @nats-io/transport-node @nats-io/kv';
    throw new SourceError('missing_driver', `hotline/nats needs two packages that are not installed: ${install}`, {
      cause,
    });
  }
}
