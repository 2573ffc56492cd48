import { homedir } from 'node:os';
import { isAbsolute, relative, sep } from 'node:path';
import stringWidth from 'string-width';

/** Characters that control a terminal or reverse the direction of text, and so could hide or fake a text. */

const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from a database or a file as a terminal may show it: on one line, and without power over the terminal. */
export function visible(text: string): string {
  return text.replace(
    steering,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The origin of a setting, as short as possible: a file below this folder, or below `~`. */
export function displayPath(
  origin: string,
  cwd: string = process.cwd(),
  home: string | undefined = homeOrNone(),
): string {
  if (!isAbsolute(origin)) return visible(origin);
  const short = below(origin, cwd) ?? (home === undefined ? undefined : below(origin, home, `~${sep}`));
  return visible(short ?? origin);
}

/** A message whose paths are as short as those that `displayPath` shows. */
export function shortPaths(
  message: string,
  cwd: string = process.cwd(),
  home: string | undefined = homeOrNone(),
): string {
  const folders = [[cwd, ''], ...(home === undefined ? [] : [[home, `~${sep}`]])] as const;
  return folders.reduce((text, [folder, short]) => {
    const start = folder.endsWith(sep) ? folder : folder + sep;
    // A folder that is the root of a disk would take the beginning of every path, and one inside of another path is not this one.
    return start === sep ? text : text.replaceAll(new RegExp(`(?<![^\\s("'=:])${escaped(start)}`, 'g'), short);
  }, message);
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

function homeOrNone(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

function below(path: string, folder: string, prefix = ''): string | undefined {
  const rest = relative(folder, path);
  return rest && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest) ? prefix + rest : undefined;
}

/** A span of time as people say it: `12 ms`, `1.4 s`, `3 min 20 s`. */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A text filled up to a width, as a terminal counts it. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** At most so wide; what is missing is an ellipsis. For text without colours. */
export function shortened(text: string, width: number): string {
  if (text.length <= width && stringWidth(text) <= width) return text;
  let short = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    short += segment;
  }
  return `${short}…`;
}

/** The width of the widest. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0);
}

/** Rows of cells as lines: each column as wide as its widest cell, two spaces apart, nothing after the last. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths = (rows[0] ?? []).map((_, index) => widest(rows.map((row) => row[index] ?? '')));
  return rows.map((row) => (indent + row.map((cell, index) => padded(cell, widths[index]!)).join('  ')).trimEnd());
}

const graphemes = new Intl.Segmenter();

/** A text on lines of at most so many columns, each with the indent; a word that is longer stays whole. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const longer = line === indent ? line + word : `${line} ${word}`;
    if (line !== indent && stringWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
}
