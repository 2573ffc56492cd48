/** Names of the Python connector, of Snowflake's own files and of its CLI for options of the driver. */
const others = {
  user: 'username',
  private_key_file: 'privateKeyPath',
  private_key_path: 'privateKeyPath',
  private_key_file_pwd: 'privateKeyPass',
  private_key_passphrase: 'privateKeyPass',
  private_key_pwd: 'privateKeyPass',
  private_key_raw: 'privateKey',
  token_file: 'tokenFilePath',
  js_treat_integer_as_bigint: 'jsTreatIntegerAsBigInt',
  client_request_mfa_token: 'clientRequestMFAToken',
  disable_saml_url_check: 'disableSamlURLCheck',
  crl_allow_certificates_without_crl_url: 'crlAllowCertificatesWithoutCrlURL',
} as const;

/** A name that other tools of Snowflake have for an option of the driver. */
export type OtherName = keyof typeof others;

/** Settings of which one makes the other void. */
const rivals: readonly (readonly string[])[] = [
  ['privateKey', 'privateKeyPath'],
  ['token', 'tokenFilePath', 'credentials'],
  ['accessUrl', 'host'],
];

/** The name of the driver for a setting, however it is written: `private_key_file`, `privateKeyPath`, `user`. */
export function optionName(name: string): string {
  return (
    (others as Readonly<Record<string, string>>)[name] ??
    name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
  );
}

/** Every spelling of an option of the driver. */
export function spellings(option: string): readonly string[] {
  const other = (Object.keys(others) as OtherName[]).filter((name) => others[name] === option);
  const snake = option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return [...new Set([option, ...(/[A-Z]{2}/.test(option) ? [] : [snake]), ...other])];
}

/**
 * The settings by the driver's names. Params come after the section, so what is written last wins: also over a setting
 * that says the same in another way.
 */
export function byOptionName(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options = new Map<string, unknown>();
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || value === null || value === '') continue;
    const option = optionName(name);
    for (const rival of rivals.find((group) => group.includes(option)) ?? []) options.delete(rival);
    options.delete(option);
    options.set(option, value);
  }
  return Object.fromEntries(options);
}
