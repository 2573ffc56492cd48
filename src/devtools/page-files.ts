import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page, in memory. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of the page by their path; whatever is asked for is looked up here, never on the disk. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const folder = new URL('./page/', import.meta.url);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => contentTypes[extname(name)])
      .map((name) => [
        name.split(sep).join('/'),
        { type: contentTypes[extname(name)]!, body: readFileSync(fileURLToPath(new URL(name, folder))) },
      ]),
  );
}

/** The digests of the scripts that are written into a page, for its content security policy. */
export function inlineScripts({ body }: PageFile): readonly string[] {
  const scripts = body.toString().matchAll(/<script type="importmap">(.*?)<\/script>/gs);
  return [...scripts].map(([, text = '']) => createHash('sha256').update(text).digest('base64'));
}
