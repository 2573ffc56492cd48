/** The text that stands for a secret. */
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

/** Removes the password of `scheme://user:password@host`, known or not, however badly it is escaped. */
function withoutUrlPasswords(text: string): string {
  return text.replace(/(:\/\/[^\s/:@]*):[^\s@]{0,4096}(?:@[^\s/@]*)*@/g, `$1:${redacted}@`);
}

/** A copy of an error that is safe to show: name, code, errno, sqlState, message and stack, scrubbed; nothing else. */
export class ScrubbedError extends Error {
  readonly code: string | number | undefined;
  readonly sqlState: string | undefined;
  /** Absent where the original has none. */
  declare readonly errno?: number;
  readonly #original: unknown;

  /** The error that it is a copy of, as the driver threw it. */
  static original(copy: unknown): unknown {
    return copy instanceof ScrubbedError ? copy.#original : copy;
  }

  constructor(original: object, secrets: readonly string[]) {
    const clean = (name: string): string | undefined => {
      const text = asText(read(original, name));
      return text && scrub(text, secrets);
    };
    super(clean('message') || messagesOf(original, secrets));
    Object.defineProperty(this, 'name', { value: clean('name') ?? 'Error', enumerable: false });
    Object.defineProperty(this, 'stack', { value: clean('stack'), enumerable: false });
    const code = read(original, 'code');
    this.code = typeof code === 'number' ? code : clean('code');
    this.sqlState = clean('sqlState');
    const errno = read(original, 'errno');
    if (typeof errno === 'number') Object.assign(this, { errno });
    this.#original = isScrubbed(original) ? original.#original : original;
  }
}

/** The scrubbed copy that becomes a HotlineError's `cause`. */
export function scrubbedCause(cause: unknown, secrets: Iterable<string> = []): Error {
  const known = [...secrets];
  if (known.length === 0 && isScrubbed(cause)) return cause;
  return new ScrubbedError(typeof cause === 'object' && cause !== null ? cause : { message: messageOf(cause) }, known);
}

/** The messages inside an AggregateError (a refused connection to a name with several addresses), which has none of its own. */
function messagesOf(original: object, secrets: readonly string[]): string {
  const errors = read(original, 'errors');
  const messages = Array.isArray(errors) ? errors.map((error) => asText(read(Object(error) as object, 'message'))) : [];
  return scrub(messages.join('; '), secrets);
}

/** Drivers throw strange things; nothing of them may throw here. */
function read(original: object, name: string): unknown {
  try {
    return (original as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function isScrubbed(cause: unknown): cause is ScrubbedError {
  try {
    return cause instanceof ScrubbedError;
  } catch {
    return false;
  }
}

/**
 * The text of whatever was thrown. Of an object that is no error only the names of its fields are told: what they hold may be a secret.
 */
export function messageOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return typeof thrown === 'function' ? 'function' : String(thrown);
  const { message, code } = thrown as { readonly message?: unknown; readonly code?: unknown };
  if (typeof message === 'string' && (message !== '' || thrown instanceof Error)) return message;
  if (typeof code === 'string' || typeof code === 'number') return `code ${code}`;
  const names = Object.keys(thrown).slice(0, 5);
  return names.length > 0
    ? `an object was thrown that is no error, with ${names.join(', ')}`
    : 'an object was thrown that is no error';
}
