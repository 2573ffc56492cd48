/** What every answer says: keep nothing, embed nothing, run nothing but the page's own scripts. */
export function protective(inlineScripts: readonly string[]): Readonly<Record<string, string>> {
  const hashes = inlineScripts.map((hash) => ` 'sha256-${hash}'`).join('');
  return {
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self'${hashes}`,
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types lit-html',
    ].join('; '),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  };
}
