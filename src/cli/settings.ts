import type { BaseConnection, Secrets, Settings } from '../index.ts';
import { policyOf, writtenPolicy } from './policies.ts';

/** A setting as it may be shown: what its kind does not call public is `[redacted]`. */
export interface ShownSetting {
  readonly path: string;
  readonly value: unknown;
  /** The source or file that says it. */
  readonly origin: string;
  /** One sentence of its kind. */
  readonly meaning?: string | undefined;
}

/** The settings for the connection itself. */
export function settingsOf(handle: BaseConnection<unknown>): ShownSetting[] {
  const { settings: known = {} } = handle.constructor as { readonly settings?: Settings };
  return handle.describe().settings.map((setting) => ({
    ...setting,
    meaning: (known[setting.path] ?? known[setting.path.split('.')[0]!])?.description,
  }));
}

/** What the section says of how the connection is kept. */
export function policiesIn(secrets: Secrets, name: string): ShownSetting[] {
  return secrets.keys(['connections', name]).flatMap((key) => {
    const policy = policyOf(key);
    const path = ['connections', name, key];
    const value = writtenPolicy(secrets.reveal(path));
    return policy ? [{ path: key, value, origin: secrets.origin(path) ?? '', meaning: policy.description }] : [];
  });
}
