// TOML or JSON that age encrypted, so that it may stand in the repository; decrypted whenever it changes: ageFile('secrets.toml.age').
// The key is that of `age-keygen`, from AGE_KEY or from the file that AGE_KEY_FILE names. To encrypt: age -r age1… -o secrets.toml.age secrets.toml
import { readFile } from 'node:fs/promises';
import { armor, Decrypter } from 'age-encryption';
import { fileSource, parseSecrets, SourceError } from 'hotline';

export function ageFile(path, { key = process.env.AGE_KEY, keyFile = process.env.AGE_KEY_FILE, ...options } = {}) {
  const parse = async (bytes, { path }) => {
    const text = new TextDecoder().decode(bytes);
    if (text.trim() === '') return {};
    const keys = key ?? (await readFile(keyFile ?? '', 'utf8').catch(() => ''));
    const identities = keys.match(/^AGE-SECRET-KEY-\S+/gm);
    if (!identities)
      throw new SourceError('source_unreadable', `${path}: there is no key. Set AGE_KEY or AGE_KEY_FILE.`);
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    const sealed = text.startsWith('-----BEGIN AGE') ? () => armor.decode(text) : () => bytes;
    const decrypted = await Promise.resolve()
      .then(() => decrypter.decrypt(sealed(), 'text'))
      .catch(() => {
        throw new SourceError('source_unreadable', `${path} is broken, or is not for this key of age.`);
      });
    return parseSecrets(decrypted, path);
  };
  return fileSource(path, parse, options);
}
