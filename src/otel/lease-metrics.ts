import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Meter } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { LeaseMessage } from '../index.ts';
import type { Labels } from './labels.ts';
import { leaseUseTime, leaseWaitTime, poolName, seconds } from './names.ts';

/** How long callers waited for an instance, and how long they held it. */
export function leaseMetrics({ meter, labels }: { readonly meter: Meter; readonly labels: Labels }): Subscription {
  const waits = meter.createHistogram(leaseWaitTime, { ...seconds, description: 'The wait for an instance.' });
  const uses = meter.createHistogram(leaseUseTime, { ...seconds, description: 'How long instances were held.' });
  const listen = (message: unknown): void => {
    const { id, waited, held } = message as LeaseMessage;
    if (!labels.of(id)) return;
    waits.record(waited / 1000, { [poolName]: id });
    uses.record(held / 1000, { [poolName]: id });
  };
  subscribe('hotline:lease', listen);
  return new Subscription(() => unsubscribe('hotline:lease', listen));
}
