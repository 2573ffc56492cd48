/** The form of a line with a mistake, and what may be meant: no hint repeats anything that the line says. */
interface Hint {
  readonly line: RegExp;
  readonly says: string;
}

/** The first line of a text that is in another form as a whole. */
const forms: readonly Hint[] = [
  { line: /^<(\?xml|!doctype|html)/i, says: 'this looks like HTML or XML, as a server answers that refuses' },
  {
    line: /^-{5}BEGIN /,
    says: 'this looks like a key or certificate: give it a name, and put it between three single quotes',
  },
  { line: /^(---|- |%YAML\b|[\w-]+:(\s|$))/, says: 'this looks like YAML: TOML has [tables], and `key = "text"`' },
  { line: /^\[?\s*\{?\s*"[^"]*"\s*:/, says: 'this looks like JSON, which begins with {' },
  { line: /^export\s/, says: 'this looks like a .env file: `dotenvFile` reads those' },
  {
    line: /^[A-Z][A-Z0-9_]*=[^\s"'[{]/,
    says: 'this looks like a .env file: `dotenvFile` reads those; TOML has text in quotes',
  },
];

/** The first that fits the line of the error is said. */
const lines: readonly Hint[] = [
  { line: /^(<{7}|={7}|>{7}|\|{7})/, says: 'this looks like a conflict that git left: take one side' },
  { line: /^(;|\/\/|\/\*|--)/, says: 'a comment begins with #' },
  { line: /[\u2018-\u201f\u00ab\u00bb`]/, says: 'quotes are the straight " or \'' },
  { line: /=\s*(True|False|TRUE|FALSE|yes|no|on|off)\s*(#.*)?$/, says: 'it is true or false, in small letters' },
  { line: /=\s*(null|nil|none|undefined|~)\s*(#.*)?$/i, says: 'TOML has no null: leave the line out' },
  { line: /=\s*(#.*)?$/, says: 'a value is missing behind the =, such as ""' },
  { line: /=\s*-?0\d+\s*(#.*)?$/, says: 'a number may not begin with 0: write it in quotes' },
  { line: /=\s*"[^"]*\\[^"]*"/, says: 'a text with backslashes stands in single quotes' },
  {
    line: /=\s*("[^"]*|'[^']*)$/,
    says: 'a text of several lines stands between three quotes, and every text ends with the quote that began it',
  },
  { line: /=\s*("[^"]*"|'[^']*'|[^"'\s]+)\s*[;,]\s*(#.*)?$/, says: 'a line ends without a comma or semicolon' },
  { line: /=\s*("[^"]*"|'[^']*')\s*[^\s#]/, says: 'a text with quotes in it stands between three quotes' },
  { line: /^\[[^\]]*\s[^\]]*\]/, says: 'a name with blanks stands in quotes' },
  { line: /^\[[^\]]*$/, says: 'the name of a table ends with ]' },
  { line: /^[\w.-]+\s*:/, says: 'between key and value stands =, not :' },
  { line: /^[\w.-]+(\s+[\w.-]+)+\s*=/, says: 'a key with blanks stands in quotes' },
  { line: /=\s*\[/, says: 'text in a list stands in quotes, too' },
  { line: /^[\w."' -]+=\s*[^\s"'[{]/, says: 'text stands in quotes' },
  { line: /^[^=]*$/, says: 'each line is `key = value`, a [table] or a # comment' },
];

/** Characters of a line that is looked at: the time of some forms grows faster than the line. */
const longest = 2000;

/** Tells what may be meant where TOML has a mistake on a line, as far as its form says it. */
export function tomlHint(text: string, line: number): string | undefined {
  const all = text.split(/\r?\n/).map((one) => one.trim());
  const wrong = all[line - 1] ?? '';
  if (wrong.length > longest) return undefined;
  const first = all.find((one) => one !== '' && !one.startsWith('#'));
  const hints = wrong === first ? [...forms, ...lines] : lines;
  return hints.find(({ line: form }) => form.test(wrong))?.says;
}
