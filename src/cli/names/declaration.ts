import { relative, resolve, sep } from 'node:path';

/** A class by the module that exports it, as `type` writes it. */
export interface Kind {
  readonly module: string;
  readonly export: string;
}

/** A name, and its kind where it is known. */
export interface NamedKind {
  readonly name: string;
  readonly kind: Kind | undefined;
}

export interface Places {
  /** Where module paths start. */
  readonly root: string;
  /** The folder of the declaration file. */
  readonly folder: string;
}

/** The text of a declaration file that says which names there are, and of what kind. */
export function declaration(kinds: readonly NamedKind[], places: Places): string {
  const first = [
    ...new Set(kinds.map(({ kind }) => (kind ? ownClass(kind) : 'BaseConnection')).filter((name) => name)),
  ];
  const lines = kinds.map(({ name, kind }) => `    ${property(name)}: ${typeOf(kind, places)};`);
  return [
    '// Made by `hotline types` from the names and kinds in the secrets. Run it again instead of editing this.',
    first.length > 0 ? `import type { ${first.sort().join(', ')} } from 'hotline';` : 'export {};',
    '',
    "declare module 'hotline' {",
    '  interface Connections {',
    ...lines,
    '  }',
    '}',
    '',
  ].join('\n');
}

function typeOf(kind: Kind | undefined, places: Places): string {
  if (!kind) return 'BaseConnection<unknown>';
  const own = ownClass(kind);
  if (own) return own;
  return `import(${quoted(specifier(kind.module, places))}).${kind.export}`;
}

function ownClass({ module, export: name }: Kind): string | undefined {
  return module === 'hotline' ? name : undefined;
}

/** A path from the project's root, as the declaration file has to write it; a TypeScript file by its JavaScript name. */
function specifier(module: string, { root, folder }: Places): string {
  if (!/^\.{0,2}[/\\]/.test(module)) return module;
  const path = relative(folder, resolve(root, module)).split(sep).join('/');
  const from = path.startsWith('.') ? path : `./${path}`;
  return from.replace(/(?<!\.d)\.([cm]?)tsx?$/, '.$1js');
}

/** Names that need no quotes. */
function property(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : quoted(name);
}

/** A literal in single quotes; it cannot end early, whatever is in it. */
function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`)}'`;
}
