/** What a text says instead of a secret. */
export const redacted = '[redacted]';

/** Shorter secrets are not looked for in free text: they would be found everywhere. */
const shortest = 6;

/** The text without the given secrets (those of six characters or more), longest first. */
export function scrub(text: string, secrets: Iterable<string> = []): string {
  const found = [...new Set(secrets)].filter((secret) => secret.length >= shortest && text.includes(secret));
  return found
    .sort((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, redacted), withoutUrlPasswords(text));
}

/** `scheme://user:password@host` loses its password, whether anybody knew it or not. */
function withoutUrlPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]*(?:@[^\s/@]*)*@/gi, `$1:${redacted}@`);
}

interface DriverError {
  name?: unknown;
  code?: unknown;
  sqlState?: unknown;
  message?: unknown;
  stack?: unknown;
}

/** A copy of an error that is safe to show: name, code, sqlState, message and stack, scrubbed; nothing else. */
export class ScrubbedError extends Error {
  readonly code: string | number | undefined;
  readonly sqlState: string | undefined;

  constructor(original: DriverError, secrets: Iterable<string>) {
    super(scrub(asText(original.message) ?? '', secrets));
    const known = [...secrets];
    const stack = asText(original.stack);
    Object.defineProperty(this, 'name', { value: asText(original.name) ?? 'Error', enumerable: false });
    Object.defineProperty(this, 'stack', { value: stack && scrub(stack, known), enumerable: false });
    const { code, sqlState } = original;
    this.code = typeof code === 'number' ? code : code === undefined ? undefined : scrub(asText(code) ?? '', known);
    this.sqlState = sqlState === undefined ? undefined : scrub(asText(sqlState) ?? '', known);
  }
}

/** The scrubbed copy that becomes a HotlineError's `cause`. */
export function scrubbedCause(cause: unknown, secrets: Iterable<string> = []): Error {
  if (cause instanceof ScrubbedError) return cause;
  const original = typeof cause === 'object' && cause !== null ? (cause as DriverError) : { message: String(cause) };
  return new ScrubbedError(original, [...secrets]);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
