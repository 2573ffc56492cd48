/** What a value may refer to: `${env:NAME}` or `${file:/path}`, with a default after `:-`. */
export interface Reference {
  readonly to: 'env' | 'file';
  readonly name: string;
  readonly fallback: string | undefined;
}

const tokens = /\$\$\{|\$\{(env|file):([^{}]*?)(?::-([^{}]*))?\}/g;

/** The text with every reference replaced; `$${` is written for a `${` that is none. */
export function interpolate(text: string, resolve: (reference: Reference) => string): string {
  return text.replace(tokens, (_, to: 'env' | 'file' | undefined, name: string, fallback: string | undefined) =>
    to === undefined ? '${' : resolve({ to, name, fallback }),
  );
}

/** A reference as it was written, without its default, which may be a secret. */
export function written({ to, name }: Reference): string {
  return `\${${to}:${name}}`;
}
