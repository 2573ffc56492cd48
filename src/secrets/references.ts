import { SourceError, type HotlineError } from '../errors/index.ts';
import type { SecretTree, SecretValue, Trust } from '../sources/source.ts';
import type { KnownFile } from './referenced-files.ts';
import { hides, originIn, type SourceLayer } from './source-layer.ts';
import { at, dotted, planted } from './tree.ts';
import { isTable } from '../table.ts';

/** A reference in a value: `${env:NAME}` or `${file:/path}`, with a default after `:-`. */
export interface Reference {
  readonly to: 'env' | 'file';
  readonly name: string;
  readonly fallback: string | undefined;
}

/** A token ends at the first brace after it that does not belong to an inner `${env:…}`, so that a long text takes linear time. */
const tokens = /\$\$\{|\$\{(env|file):((?:\$\{env:[^{}]*\}|[^{}])*)\}/g;
const inner = /\$\{env:[^{}]*\}/g;

/** The text with every reference replaced; `$${` is written for a `${` that is none. The name of one may hold an `${env:NAME}`. */
export function interpolate(text: string, resolve: (reference: Reference) => string): string {
  return text.replace(tokens, (_, to: 'env' | 'file' | undefined, inside: string) =>
    to === undefined ? '${' : resolve(referenceTo(to, inside, resolve)),
  );
}

/** A `${…}` of a text that is no reference, as people write it elsewhere: what to write instead; `undefined`: there is none. */
export function strayReference(text: string): string | undefined {
  const [, inside] = /\$\{([^{}]*)\}/.exec(text.replace(tokens, '')) ?? [];
  if (inside === undefined) return undefined;
  if (/^(env|file):/i.test(inside)) return 'write env and file in lower case';
  if (/^[A-Z_][A-Z0-9_]*(:?-.*)?$/i.test(inside)) return 'for a variable write ${env:NAME}';
  return 'there is ${env:NAME} and ${file:/path}';
}

/** A reference as it was written, without its default, which may be a secret. */
export function written({ to, name }: Reference): string {
  return `\${${to}:${name}}`;
}

function referenceTo(to: Reference['to'], inside: string, resolve: (reference: Reference) => string): Reference {
  // The default of an inner reference is not that of this one.
  const end = inside.replace(inner, (whole) => '_'.repeat(whole.length)).indexOf(':-');
  const [name, fallback] = end === -1 ? [inside] : [inside.slice(0, end), inside.slice(end + 2)];
  return {
    to,
    name: name.includes('${') ? interpolate(name, resolve) : name,
    /** Resolved when it is needed: what it refers to may be missing otherwise. */
    get fallback() {
      return fallback?.includes('${') ? interpolate(fallback, resolve) : fallback;
    },
  };
}

/** The variables and files that references lead to. */
export interface ReferenceContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of a file as far as it is known; `undefined` before it has been read for the first time. */
  readonly file: (path: string) => KnownFile | undefined;
}

/** The result of a look-up. Without a text there is an error, or the text is not known yet. */
interface LookedUp {
  readonly text?: string | undefined;
  readonly error?: HotlineError | undefined;
}

/** Looks a reference up, if its source is trusted to have one. `setting` is the setting and its origin, for messages. */
export function lookUp(reference: Reference, setting: string, trust: Trust, { env, file }: ReferenceContext): LookedUp {
  const { to, name } = reference;
  const refers = `${setting} refers to ${written(reference)}`;
  if (trust !== 'local') {
    const cure = 'Move it to a local source, or write $${ where ${ is meant literally.';
    return { error: new SourceError('untrusted_reference', `${refers}, but its source is remote. ${cure}`) };
  }
  // A template writes an empty name for a variable that is not set.
  if (name === '') {
    const error = () => missing(refers, 'no name at all', `write what it is to name`, reference);
    const { fallback } = reference;
    return fallback === undefined ? { error: error() } : { text: fallback };
  }
  if (to === 'env') {
    // A property that every object inherits is no variable.
    const text = orFallback(Object.hasOwn(env, name) ? env[name] : undefined, reference);
    return text === undefined ? { error: missing(refers, 'not set', `set ${name}`, reference) } : { text };
  }
  const known = file(name);
  if (known === undefined) return {};
  const text = orFallback(known.text?.replace(/\r?\n$/, ''), reference);
  if (known.gone === undefined || (text !== undefined && known.text === undefined)) return { text };
  const [state, cure] = {
    missing: ['not there', `create ${name}`],
    failed: ['not readable', `make ${name} a file that can be read`],
    emptied: ['empty, and was not', `put back what was in ${name}, call reload() if it is meant`],
  }[known.gone] as [string, string];
  return { text, error: missing(refers, state, cure, reference) };
}

/** The default replaces an empty text too, as `:-` does in a shell. */
function orFallback(text: string | undefined, reference: Reference): string | undefined {
  return text === undefined || text === '' ? (reference.fallback ?? text) : text;
}

function missing(refers: string, state: string, cure: string, { to, name }: Reference): SourceError {
  return new SourceError(
    'missing_reference',
    `${refers}, which is ${state}. To mend it, ${cure}, or write a default: \${${to}:${name}:-default}.`,
  );
}

/** A reason why the latest secrets of a source cannot be used as they are. */
export interface Problem {
  /** The index of the source; -1 when there is none. */
  readonly source: number;
  /** The error; `undefined`: a file is not read yet. */
  readonly error?: HotlineError | undefined;
  /** Tells whether the secrets can be used all the same. */
  readonly harmless?: boolean;
}

/** A value of a source that probably does not say what was meant. */
export interface ReferenceWarning {
  readonly source: number;
  readonly message: string;
}

/**
 * The values of all references that are in use, as one more layer over the others, and their problems. The layer is
 * complete only when there is no problem, or none that is not harmless.
 */
export function resolveReferences(
  layers: readonly SourceLayer[],
  surroundings: ReferenceContext,
): {
  readonly tree: SecretTree;
  readonly problems: readonly Problem[];
  readonly warnings: readonly ReferenceWarning[];
} {
  const values: [readonly string[], SecretValue][] = [];
  const problems: Problem[] = [];
  const warnings: ReferenceWarning[] = [];
  layers.forEach((layer, depth) => {
    const { source, good, tree, prefix } = layer;
    const above = layers.slice(depth + 1);
    for (const written of good.references) {
      const path = below(prefix, written);
      const value = path && at(tree, path);
      if (value === undefined || above.some((later) => hides(later, path!))) continue;
      const setting = `${dotted(written)} in ${originIn(layer, path!)}`;
      const resolve = (reference: Reference): string => {
        const { text, error } = safely(() => lookUp(reference, setting, good.trust, surroundings), setting);
        if (error || text === undefined) problems.push({ source, error, harmless: text !== undefined });
        return text ?? '';
      };
      // The text of a remote source may be a template of its own, and may not refer to anything.
      const stray = good.trust === 'local' && typeof value === 'string' ? strayReference(value) : undefined;
      if (stray) {
        const literal = 'where ${ is meant literally, write $${';
        warnings.push({
          source,
          message: `${setting} has a \${…} that is no reference and stays as it is: ${stray}; ${literal}.`,
        });
      }
      values.push([path!, resolved(value, resolve)]);
    }
  });
  return { tree: planted(values), problems, warnings };
}

/** The value with all of its references resolved; an array with all that is in it. */
function resolved(value: SecretValue, resolve: (reference: Reference) => string): SecretValue {
  if (typeof value === 'string') return interpolate(value, resolve);
  if (Array.isArray(value)) return Object.freeze(value.map((element: SecretValue) => resolved(element, resolve)));
  if (!isTable(value)) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner, resolve)])),
  );
}

/** The result of a look-up; one that throws is an error of its source, and does not stop the others. */
function safely(look: () => LookedUp, setting: string): LookedUp {
  try {
    return look();
  } catch (cause) {
    return { error: new SourceError('missing_reference', `${setting} refers to what cannot be looked up.`, { cause }) };
  }
}

function below(prefix: readonly string[], path: readonly string[]): readonly string[] | undefined {
  return prefix.every((key, index) => path[index] === key) ? path.slice(prefix.length) : undefined;
}
