/**
 * Secrets for a fleet, in a key of a NATS JetStream key-value bucket.
 *
 * @module hotline/nats
 */

export { natsKeyValue, type NatsKeyValueOptions } from './key-value.ts';
