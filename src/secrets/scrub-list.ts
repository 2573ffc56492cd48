import type { SecretValue } from '../sources/source.ts';
import { isTable } from './tree.ts';

/** Every text in a value that must not be seen in a free text, in each spelling in which an error may quote it. */
export function scrubList(value: unknown, add: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') for (const text of spellings(value)) add.add(text);
  else if (typeof value === 'bigint' || typeof value === 'number') add.add(String(value));
  else if (Array.isArray(value)) for (const element of value as SecretValue[]) scrubList(element, add);
  else if (isTable(value)) for (const inner of Object.values(value)) scrubList(inner, add);
  return add;
}

function spellings(secret: string): readonly string[] {
  if (secret.length < 6) return [];
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).map((line) => line.trim()) : [];
  return [secret, ...lines, ...credentials(secret), JSON.stringify(secret).slice(1, -1), encoded(secret)];
}

/** User and password of a URL, as written and as meant. */
function credentials(text: string): readonly string[] {
  const [, user = '', password = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^:/]*):(.*)@/is.exec(text) ?? [];
  return [user, password].flatMap((part) => [part, decoded(part)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A lone surrogate cannot be encoded. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
