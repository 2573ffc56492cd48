import { restated, type ErrorCode, type HotlineError } from '../errors/index.ts';
import type { DescribedSetting } from '../secrets/index.ts';

/** What may be mended in the settings. */
const bySettings: ReadonlySet<ErrorCode> = new Set([
  'invalid_config',
  'invalid_policy',
  'open_failed',
  'open_timeout',
  'auth_failed',
]);

/** What to look at when the network says no, by the codes of Node.js. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: does the server run, are host and port right?',
  ENOTFOUND: 'No such host is known: is its name right?',
  EAI_AGAIN: 'The name of the host cannot be looked up now: is the network up?',
  ETIMEDOUT: 'Nothing answers there: are host and port right, does a firewall stand between?',
  EHOSTUNREACH: 'There is no way to that host: is its address right, is the network up?',
};

/** An error of an opening that says besides what to look at, and where the settings were written that it is about. */
export function explained<E extends HotlineError>(
  error: E,
  name: string,
  settings: readonly DescribedSetting[],
  secrets: Iterable<string>,
): E {
  if (!bySettings.has(error.code)) return error;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  const said = [error.message.replace(/[^.!?]$/, '$&.'), advice[String(code)], origins(error.setting, settings)];
  return restated(error, said.filter(Boolean).join(' '), name, secrets);
}

function origins(setting: string | undefined, settings: readonly DescribedSetting[]): string | undefined {
  const about = settings.filter(({ path }) => path === setting || path.startsWith(`${setting}.`));
  const places = [...new Set((about.length > 0 ? about : settings).map(({ origin }) => origin))];
  if (places.length === 0) return undefined;
  return `${about.length > 0 ? 'It is from' : 'The settings are from'} ${places.join(' and ')}.`;
}
