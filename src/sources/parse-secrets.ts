import { parseJson } from './json.ts';
import type { SecretTree } from './source.ts';
import { decodeText } from './text.ts';
import { parseToml } from './toml.ts';

/**
 * The tables of a text in TOML, or in JSON where it begins with a brace: for a source of your own. Bytes are UTF-8.
 *
 * @throws SourceError `source_invalid` or `source_unreadable`, with the place and nothing of what the text says.
 * @example
 * parseSecrets('[connections.pets]\nurl = "sqlite://:memory:"', 'vault').connections; // { pets: { url: … } }
 */
export function parseSecrets(text: string | Uint8Array, label: string): SecretTree {
  const decoded = typeof text === 'string' ? text : decodeText(text, label);
  return decoded.trimStart().startsWith('{') ? parseJson(decoded, label) : parseToml(decoded, label);
}
