/** What steers a terminal, or reverses the direction of text, and so could hide or fake what stands on it. */

const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from a database or a file as a terminal may show it: on one line, and without power over the terminal. */
export function visible(text: string): string {
  return text.replace(
    steering,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
