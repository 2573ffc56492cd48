import { Misuse } from '../misuse.ts';

/**
 * The values of `--param name=value`: numbers, `true`, `false` and `null` as what they are, `"…"` as the text inside,
 * everything else as text.
 *
 * @throws Misuse for what has no name.
 */
export function parameters(given: readonly string[]): Record<string, unknown> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^:?([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        throw new Misuse(`--param is written name=value, for :name in the statement.`);
      return [name, valueOf(value)];
    }),
  );
}

function valueOf(text: string): unknown {
  if (/^(true|false|null|".*")$/s.test(text)) return parsed(text);
  // A number that would not come back as it was written (007, a card number) is text.
  return text !== '' && String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
