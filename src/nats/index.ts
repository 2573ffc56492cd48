// `hotline/nats`: secrets for a fleet, in a key of a NATS JetStream key-value bucket.

export { natsKeyValue, type NatsKeyValueOptions } from './key-value.ts';
