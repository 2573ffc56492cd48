import { describe, expect, it } from '@jest/globals';
import { openClient } from '../../src/nats/client.ts';
import { sharedNats } from '../support/nats-server.ts';

describe('openClient', () => {
  it('opens a client of our name, that never gives up', async () => {
    const { nats } = await openClient({ servers: sharedNats });
    const { options } = nats as unknown as { options: Record<string, unknown> };
    expect(options).toMatchObject({ name: 'hotline', maxReconnectAttempts: -1, ignoreAuthErrorAbort: true });
    await nats.close();
  });

  it('lets the caller say otherwise', async () => {
    const { nats } = await openClient({ servers: sharedNats, name: 'pets' });
    expect((nats as unknown as { options: { name: string } }).options.name).toBe('pets');
    await nats.close();
  });
});
