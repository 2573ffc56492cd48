/** What a value may refer to: `${env:NAME}` or `${file:/path}`, with a default after `:-`. */
export interface Reference {
  readonly to: 'env' | 'file';
  readonly name: string;
  readonly fallback: string | undefined;
}

/** A token ends at the first brace after it, so that a long text takes linear time. */
const tokens = /\$\$\{|\$\{(env|file):([^{}]*)\}/g;

/** The text with every reference replaced; `$${` is written for a `${` that is none. */
export function interpolate(text: string, resolve: (reference: Reference) => string): string {
  return text.replace(tokens, (_, to: 'env' | 'file' | undefined, inside: string) =>
    to === undefined ? '${' : resolve(referenceTo(to, inside)),
  );
}

/** A reference as it was written, without its default, which may be a secret. */
export function written({ to, name }: Reference): string {
  return `\${${to}:${name}}`;
}

function referenceTo(to: Reference['to'], inside: string): Reference {
  const end = inside.indexOf(':-');
  return end === -1
    ? { to, name: inside, fallback: undefined }
    : { to, name: inside.slice(0, end), fallback: inside.slice(end + 2) };
}
