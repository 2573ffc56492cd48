import { createHash, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

interface Claims {
  iss?: string;
  sub?: string;
  exp?: number;
}

/** Whether the token was signed by the private half of one of the keys, for this account and user, and is still valid. */
export function acceptsJwt(token: string, account: string, user: string, publicKeys: readonly string[]): boolean {
  const [head, body, signature] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined) return false;
  if (json<{ alg?: string }>(head).alg !== 'RS256') return false;
  const claims = json<Claims>(body);
  const subject = `${account}.${user}`.toUpperCase();
  if (claims.sub !== subject || isOver(claims.exp)) return false;
  return publicKeys.some((text) => {
    const key = publicKey(text);
    if (claims.iss !== `${subject}.${fingerprint(key)}`) return false;
    return verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  });
}

/** The name Snowflake gives a public key (`RSA_PUBLIC_KEY_FP`). */
export function fingerprint(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('base64')}`;
}

function publicKey(text: string): KeyObject {
  return createPublicKey(
    text.includes('BEGIN') ? text : `-----BEGIN PUBLIC KEY-----\n${text.trim()}\n-----END PUBLIC KEY-----`,
  );
}

// The Node driver writes milliseconds where the standard has seconds; Snowflake takes both.
function isOver(exp: number | undefined): boolean {
  if (exp === undefined) return true;
  return (exp > 1e11 ? exp : exp * 1000) <= Date.now();
}

function json<T>(part: string): Partial<T> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Partial<T>;
  } catch {
    return {};
  }
}
