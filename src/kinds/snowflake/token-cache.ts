/** The cache in which the driver keeps tokens of one login for the next: an id token, an MFA token, tokens of OAuth. */
export interface TokenCache {
  read(key: string): Promise<string | null>;
  write(key: string, token: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Tokens of this process: no browser opens again, and no passcode is asked for again, while it runs. */
export function tokensInMemory(): TokenCache {
  const tokens = new Map<string, string>();
  return {
    read: (key) => Promise.resolve(tokens.get(key) ?? null),
    write: (key, token) => Promise.resolve(void tokens.set(key, token)),
    remove: (key) => Promise.resolve(void tokens.delete(key)),
  };
}
