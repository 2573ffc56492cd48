/** The kinds that have a short name of their own, each loaded when it is first named. */
export const firstParty = {
  sql: async () => (await import('../kinds/sql/index.ts')).SqlConnection,
  snowflake: async () => (await import('../kinds/snowflake/index.ts')).SnowflakeConnection,
  snowpark: async () => (await import('../kinds/snowflake/index.ts')).SnowparkConnection,
};

/** The first-party kinds by their short names: `sql`, `snowflake`, `snowpark`. */
export type FirstPartyKinds = {
  readonly [Name in keyof typeof firstParty]: InstanceType<Awaited<ReturnType<(typeof firstParty)[Name]>>>;
};

export function isFirstParty(name: string): name is keyof typeof firstParty {
  return Object.hasOwn(firstParty, name);
}
