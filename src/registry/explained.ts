import { networkCure, restated, type ErrorCode, type HotlineError } from '../errors/index.ts';
import type { DescribedSetting } from '../secrets/index.ts';

/** What may be mended in the settings. */
const bySettings: ReadonlySet<ErrorCode> = new Set([
  'invalid_config',
  'invalid_policy',
  'open_failed',
  'open_timeout',
  'auth_failed',
]);

/** An error of an opening that says besides where the settings were written that it is about, and what to do. */
export function explained<E extends HotlineError>(
  error: E,
  name: string,
  settings: readonly DescribedSetting[],
  secrets: Iterable<string>,
): E {
  if (!bySettings.has(error.code)) return error;
  const said = [error.message.replace(/[^.!?]$/, '$&.'), origins(error.setting, settings), networkCure(error.cause)];
  return restated(error, said.filter(Boolean).join(' '), name, secrets);
}

function origins(setting: string | undefined, settings: readonly DescribedSetting[]): string | undefined {
  const about = settings.filter(({ path }) => path === setting || path.startsWith(`${setting}.`));
  const places = [...new Set((about.length > 0 ? about : settings).map(({ origin }) => origin))];
  if (places.length === 0) return undefined;
  return `${about.length > 0 ? 'It is from' : 'The settings are from'} ${places.join(' and ')}.`;
}
