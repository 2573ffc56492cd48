import { SourceError } from '../errors/index.ts';

/**
 * The text of a file without its byte order mark.
 *
 * @throws SourceError `source_unreadable` when it is not UTF-8.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SourceError(
      'source_unreadable',
      `${file} is not UTF-8. Save it as UTF-8; what was loaded before stays in use.`,
    );
  }
}
