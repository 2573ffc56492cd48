import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { SourceError } from '../index.ts';

/** What holds unless the caller says otherwise: never give up, notice a dead link in a minute, come back spread out. */
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
