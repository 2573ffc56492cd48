import { detailsOf } from './error-details.ts';

/** So many characters of a message are a page; the last ones are those of the server. */
const page = 4_000;

/** The texts of servers that quote a value: what stands in its place is `?`. */
const quoting: readonly (readonly [RegExp, string])[] = [
  [/^(Duplicate entry) '.*' (for key '[^']*')$/s, "$1 '?' $2"],
  [/^(Incorrect [^:]+|Truncated incorrect [^:]+): '.*?'( for column .*)?$/s, "$1: '?'$2"],
  [/^(invalid input [^:]*|[^:]* out of range|invalid byte sequence[^:]*|malformed [^:]*): ".*"$/s, '$1: "?"'],
  [/^(value) ".*" (is out of range for type .*)$/s, '$1 "?" $2'],
  [/(The duplicate key value is) \(.*\)/s, '$1 (?)'],
];

/**
 * Takes out of an error of a driver the statement that knex puts before its message, and every value: knex and mysql2
 * write every bound one into it, which may be a secret or megabytes.
 */
export function withoutStatement(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const known = error as Record<string, unknown>;
  const { message } = known;
  if (typeof message !== 'string') return error;
  try {
    const said = saidIn(known, message);
    const clean = quoting.reduce((text, [values, placeholder]) => text.replace(values, placeholder), said).slice(-page);
    const { detail } = known;
    const shown = detailsOf(error).detail;
    const stack = typeof known['stack'] === 'string' ? known['stack'] : '';
    if (clean !== message) {
      known['message'] = clean;
      known['stack'] = stack.replaceAll(message, () => clean).replaceAll(said, () => clean);
    }
    if (typeof known['sqlMessage'] === 'string') known['sqlMessage'] = clean;
    if (typeof detail === 'string' && shown !== detail) known['detail'] = shown;
    for (const name of ['sql', 'bindings', 'parameters']) if (name in known) delete known[name];
  } catch {
    // A frozen error stays as it is.
  }
  return error;
}

/** The words of the server: its own field, or what stood in the message when the error was made. */
function saidIn({ sqlMessage, stack }: Record<string, unknown>, message: string): string {
  if (typeof sqlMessage === 'string' && message.endsWith(` - ${sqlMessage}`)) return sqlMessage;
  if (typeof stack !== 'string') return message;
  const header = stack.slice(0, Math.max(0, stack.indexOf('\n    at '))).replace(/^[\w.]+(?: \[\w+\])?: /, '');
  return header !== '' && message.endsWith(` - ${header}`) ? header : message;
}
