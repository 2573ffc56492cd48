import { readFileSync, writeFileSync } from 'node:fs';

const page = 'docs/guides/sql.md';
const between = (name: string): RegExp =>
  new RegExp(`(?<=<!-- ${name} -->\\n\\n)[\\s\\S]*?(?=\\n\\n<!-- end of ${name} -->)`);

/** A printed part of the page about SQL, without the spaces that align its tables. */
export function partOfPage(name: string): string | undefined {
  return between(name).exec(readFileSync(page, 'utf8'))?.[0].replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
}

export function printPart(name: string, text: string): void {
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(between(name), () => text),
  );
}
