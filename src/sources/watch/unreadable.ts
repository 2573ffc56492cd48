import { SourceError } from '../../errors/index.ts';
import type { Problem } from './sight.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this process: permission denied. Check who owns it and its mode',
  EPERM: 'may not be read by this process: permission denied. Check who owns it and its mode',
  ELOOP: 'is a link that leads in a circle',
  EFTYPE: 'is neither a file nor a directory',
};

/** What hinders reading a file, as people say it. */
export function unreadable({ path, code }: Problem): SourceError {
  return new SourceError('source_unreadable', `${path} ${reasons[code] ?? `cannot be read (${code})`}.`);
}
