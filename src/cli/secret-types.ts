import type { SecretTree, SecretValue, Secrets } from '../index.ts';

/** A path of the secrets, and its type in TypeScript. */
export interface SecretType {
  readonly path: string;
  readonly type: string;
}

/** Tables that `secret` is not for: connections are asked for by name, and overlays are merged. */
const passedOver = ['connections', 'env'];

/** The types of all secrets by their paths, in the order of the paths; nothing of their values is in them. */
export function secretTypes(secrets: Secrets): SecretType[] {
  const names = secrets.keys().filter((name) => !passedOver.includes(name));
  const types = names.filter(hasPath).flatMap((name) => typesIn(name, secrets.reveal([name])!));
  return types.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function typesIn(path: string, value: SecretValue): SecretType[] {
  const inner = isTree(value) ? Object.entries(value).filter(([key]) => hasPath(key)) : [];
  return [{ path, type: typeOf(value) }, ...inner.flatMap(([key, one]) => typesIn(`${path}.${key}`, one))];
}

/** A key with a dot in it has no path as text. */
function hasPath(key: string): boolean {
  return key !== '' && !key.includes('.');
}

function typeOf(value: SecretValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return arrayOf(value as readonly SecretValue[]);
  if (value instanceof Date) return 'Date';
  if (!isTree(value)) return typeof value;
  const members = Object.entries(value).map(([key, one]) => `readonly ${property(key)}: ${typeOf(one)}`);
  return members.length > 0 ? `{ ${members.join('; ')} }` : 'Readonly<Record<string, never>>';
}

function arrayOf(values: readonly SecretValue[]): string {
  const types = [...new Set(values.map(typeOf))];
  return types.length > 0 ? `readonly (${types.join(' | ')})[]` : 'readonly unknown[]';
}

function isTree(value: SecretValue): value is SecretTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A name as the key of a type; some need no quotes. */
export function property(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : quoted(name);
}

/** A literal in single quotes; it cannot end early, whatever is in it. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`)}'`;
}
