import { inspect } from 'node:util';
import { ConfigError, redacted } from '../errors/index.ts';
import type { SecretTree, SecretValue, Trust } from '../sources/source.ts';
import { redactedCopy, scrubList, type RedactedCopies } from './redaction.ts';
import { nearest, comparable } from '../spelling.ts';
import { at, dotted, segments, type SecretPath } from './tree.ts';
import { isTable } from '../table.ts';
import { originIn, ownerOf, type SourceLayer } from './source-layer.ts';

/** One state of all sources. */
export interface Snapshot {
  readonly tree: SecretTree;
  readonly layers: readonly SourceLayer[];
  /** The labels of all sources, for error messages. */
  readonly sources: readonly string[];
  /** Shared by the snapshots of one feed. */
  readonly copies?: RedactedCopies;
}

/**
 * One immutable snapshot of all sources, merged. It prints redacted; its values are handed out only by name.
 *
 * @example
 * hot.secrets$.subscribe((secrets) => mailer.use(secrets.require('mail.key'), secrets.get('mail.from', 'me@example.org')));
 */
export class Secrets {
  readonly #snapshot: Snapshot;
  #scrubList: ReadonlySet<string> | undefined;

  /** @hidden Made by the registry. */
  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    Object.freeze(this);
  }

  /** The value at a path, or `fallback`; never throws. Tables and arrays are frozen and print redacted. */
  get<T = SecretValue>(path: SecretPath): T | undefined;
  get<T>(path: SecretPath, fallback: T): T;
  get(path: SecretPath, fallback?: unknown): unknown {
    const value = this.#at(path);
    return value === undefined ? fallback : redactedCopy(value, this.#snapshot.copies);
  }

  /** Tells whether there is a value at a path; never throws. */
  has(path: SecretPath): boolean {
    return this.#at(path) !== undefined;
  }

  /**
   * The value at a path.
   *
   * @throws ConfigError `missing_secret`, which names the nearest path and says where hotline looked.
   */
  require<T = SecretValue>(path: SecretPath): T {
    const value = this.#at(path);
    if (value === undefined)
      throw new ConfigError(
        'missing_secret',
        [`There is no secret ${dotted(segments(path))}.`, meant(segments(path), this.#snapshot.tree), this.looked()]
          .filter(Boolean)
          .join(' '),
      );
    return redactedCopy(value, this.#snapshot.copies) as T;
  }

  /** The origin of the value at a path: the label of its source, or the file. */
  origin(path: SecretPath): string | undefined {
    const keys = segments(path);
    const owner = this.has(keys) ? ownerOf(this.#snapshot.layers, keys) : undefined;
    return owner && originIn(owner, keys);
  }

  /** The keys of the table at a path, or of all secrets; none when there is no table. */
  keys(path: SecretPath = []): readonly string[] {
    const value = this.#at(path);
    return isTable(value) ? Object.keys(value) : [];
  }

  /** The plain, frozen data at a path, or all of it: it can be cloned, spread and sent, and it prints in clear. */
  reveal(): SecretTree;
  reveal(path: SecretPath): SecretValue | undefined;
  reveal(path: SecretPath = []): SecretValue | undefined {
    return this.#at(path);
  }

  /** @internal The origins of the values at a path that the one in use hides, the next one first. */
  hidden(path: readonly string[]): readonly string[] {
    const { layers } = this.#snapshot;
    const owner = ownerOf(layers, path);
    const lower = layers.filter((layer) => layer !== owner && at(layer.tree, path) !== undefined);
    return lower.toReversed().map((layer) => originIn(layer, path));
  }

  /** Tells whether the value at a path may name files and modules of this machine; a table only if all its layers are local. */
  trust(path: SecretPath): Trust {
    const keys = segments(path);
    const { layers } = this.#snapshot;
    const owner = ownerOf(layers, keys);
    if (!owner) return 'remote';
    const concerned = isTable(this.#at(keys)) ? layers.filter(({ tree }) => at(tree, keys) !== undefined) : [owner];
    return concerned.every(({ good }) => good.trust === 'local') ? 'local' : 'remote';
  }

  /** @internal The place in the merge of the value at a path: of two values, the one with the higher place wins. */
  rank(path: readonly string[]): number {
    const { layers } = this.#snapshot;
    const owner = ownerOf(layers, path);
    return owner ? layers.indexOf(owner) : -1;
  }

  /** @internal The section of a connection: the same object for as long as it is equal by value. */
  section(name: string): SecretTree | undefined {
    const section = at(this.#snapshot.tree, ['connections', name]);
    return isTable(section) ? section : undefined;
  }

  /** @internal The texts that must not be shown: every string and number, in each spelling. */
  knownSecrets(): ReadonlySet<string> {
    return (this.#scrubList ??= scrubList(this.#snapshot.tree));
  }

  /** @internal A sentence that says where hotline looked. */
  looked(): string {
    const { sources } = this.#snapshot;
    return sources.length ? `Looked in: ${sources.join(', ')}.` : 'There are no sources.';
  }

  #at(path: SecretPath): SecretValue | undefined {
    return at(this.#snapshot.tree, segments(path));
  }

  /** @hidden */
  toString(): string {
    return redacted;
  }

  /** @hidden */
  toJSON(): string {
    return redacted;
  }

  /** @hidden */
  [inspect.custom](): string {
    return `Secrets { ${redacted} }`;
  }
}

/** The most paths that are looked through for one that was meant. */
const mostPaths = 10_000;

/** A question that names the paths that were probably meant: one spelt alike, or the same key in other tables. */
function meant(path: readonly string[], tree: SecretTree): string | undefined {
  const known: (readonly string[])[] = [];
  collect(tree, [], known);
  const last = comparable(path.at(-1) ?? '');
  const same = known.filter((one) => comparable(one.at(-1)!) === last).map(dotted);
  const alike = nearest(dotted(path), known.map(dotted));
  const names = [...new Set([...(alike ? [alike] : []), ...same])].slice(0, 3);
  return names.length > 0 ? `Did you mean ${names.join(' or ')}?` : undefined;
}

function collect(table: SecretTree, path: readonly string[], into: (readonly string[])[]): void {
  for (const [key, value] of Object.entries(table)) {
    if (into.length >= mostPaths) return;
    into.push([...path, key]);
    if (isTable(value)) collect(value, [...path, key], into);
  }
}
