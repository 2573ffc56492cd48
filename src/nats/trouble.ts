import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { SourceError, type ErrorCategory } from '../index.ts';
import { serversOf } from './client.ts';

/** What went wrong with the server or its answer, as an error that shows neither a token nor a password. */
export function trouble(label: string, thrown: unknown, options: NodeConnectionOptions): SourceError {
  if (thrown instanceof SourceError) return thrown;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const [category, what] = told(cause, serversOf(options).map(withoutCredentials).join(', ') || '127.0.0.1:4222');
  const message = `${label}: ${what} What was loaded before stays in use, and it is tried again.`;
  return new SourceError('source_unreadable', message, { category, cause, secrets: secretsOf(options) });
}

/** Whether the stream of the bucket is not there. */
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
