// The last good secrets of another source, kept on disk and encrypted (AES-256-GCM), so that a process starts while the store of its secrets is away.
// `key` is 32 random bytes in base64, from the environment: `openssl rand -base64 32`. A store that fails, or says nothing `within` some
// milliseconds, is stood in for by the copy until it answers; its status and events tell of the failure as they do without a copy.
//   createConnections({ sources: [keptOnDisk(vault(url, token), '/var/lib/app/secrets.copy')] })
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { Observable } from 'rxjs';

export function keptOnDisk(source, path, { key = process.env.HOTLINE_COPY_KEY, within = 5000 } = {}) {
  const secret = Buffer.from(key ?? '', 'base64');
  if (secret.length !== 32) throw new Error('HOTLINE_COPY_KEY must be 32 bytes in base64: openssl rand -base64 32');
  const label = source.label ?? 'a source';

  const keep = (secrets) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(label));
    const sealed = Buffer.concat([cipher.update(serialize(secrets)), cipher.final()]);
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, Buffer.concat([iv, cipher.getAuthTag(), sealed]), { mode: 0o600 });
    renameSync(unfinished, path);
  };

  const kept = () => {
    const bytes = readFileSync(path);
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(label)).setAuthTag(bytes.subarray(12, 28));
    return deserialize(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]));
  };

  /** A copy that cannot be written, or read, must not stop what works without one. */
  const attempt = (work) => {
    try {
      return work();
    } catch (error) {
      if (error.code !== 'ENOENT') process.emitWarning(`${path}: ${error.message}`);
      return undefined;
    }
  };

  const states$ = new Observable((subscriber) => {
    let said = false;
    const standIn = () => {
      if (said) return;
      const secrets = attempt(kept);
      if (secrets === undefined) return;
      said = true;
      // Whoever wrote the store is trusted no more because of the copy.
      subscriber.next({ state: 'loaded', trust: 'remote', secrets, originOf: () => `${label} (copy)` });
    };
    const late = setTimeout(standIn, within).unref();
    subscriber.add(() => clearTimeout(late));
    const next = (state) => {
      if (state.state === 'failed') standIn();
      else said = true;
      if (state.state === 'loaded') attempt(() => keep(state.secrets));
      subscriber.next(state);
    };
    subscriber.add(
      source.subscribe({ next, error: (error) => subscriber.error(error), complete: () => subscriber.complete() }),
    );
  });
  return Object.assign(states$, { label, look: source.look });
}
