import { map, type Observable } from 'rxjs';
import { SourceError } from '../errors/index.ts';
import { absolutePath, watchOptions, type WatchOptions } from './path-source.ts';
import { unreadable } from './watch/scan.ts';
import { decodeText } from './parse-secrets.ts';
import type { Contents } from './watch/contents.ts';
import { watchPath$ } from './watch/watch-path.ts';

/**
 * The text of a file, or the reason why it cannot be read.
 *
 * @inline
 */
export type FileContent =
  | { readonly state: 'loaded'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly error: SourceError };

/** Emits the text of one file, now and whenever it changes, for `${file:…}`. Never errors, never completes. */
export function watchFile$(path: string, options: WatchOptions = {}): Observable<FileContent> {
  return watchPath$(absolutePath(path), { ...watchOptions(options), file: true }).pipe(
    map((contents) => fileContent(path, contents)),
  );
}

function fileContent(path: string, contents: Contents): FileContent {
  try {
    if (contents.kind === 'missing') return { state: 'missing' };
    if (contents.kind === 'unreadable') throw unreadable(contents);
    const file = contents.files.get('');
    if (!file) throw new SourceError('source_unreadable', `${path} is a directory, and should be a file.`);
    return { state: 'loaded', text: decodeText(file.bytes, path) };
  } catch (error) {
    if (error instanceof SourceError) return { state: 'failed', error };
    throw error;
  }
}
