/** How a connection is kept; no part of its config. Each may stand in a section, in camelCase or in snake_case. */
export const policySettings = [
  'ttl',
  'idleTimeout',
  'maxEntries',
  'openTimeout',
  'drainTimeout',
  'closeTimeout',
  'retry',
] as const;

export type PolicySetting = (typeof policySettings)[number];

const spelled = new Map<string, PolicySetting>(
  policySettings.flatMap((name) => [
    [snakeCase(name), name],
    [name, name],
  ]),
);

/** Which policy a key of a section is, if it is one. */
export function policyNamed(key: string): PolicySetting | undefined {
  return spelled.get(key);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
