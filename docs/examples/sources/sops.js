// A file that SOPS encrypted (YAML, JSON, .env, INI), decrypted by the program `sops` whenever the file changes: sopsFile('secrets.enc.yaml').
// The key comes from where sops looks for it: SOPS_AGE_KEY_FILE, a KMS, GnuPG. `command` is the path of the program.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileSource, parseSecrets, SourceError } from 'hotline';

const run = promisify(execFile);

export function sopsFile(path, { command = 'sops', ...options } = {}) {
  const parse = async (_bytes, { path }) => {
    const limits = { timeout: 20_000, maxBuffer: 16 * 1024 * 1024 };
    const { stdout } = await run(command, ['-d', '--output-type', 'json', path], limits).catch(({ code, killed }) => {
      const why = code === 'ENOENT' ? 'is not installed' : killed ? 'gave no answer in 20 s' : `ended with ${code}`;
      throw new SourceError('source_unreadable', `${path}: ${command} ${why}. To see more run: sops -d ${path}`);
    });
    return parseSecrets(stdout, path);
  };
  return fileSource(path, parse, options);
}
