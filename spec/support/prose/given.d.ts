// What the fragments in the guides and the doc comments take as given.

declare const hot: import('hotline').ConnectionRegistry;
declare const pets: import('hotline').SqlConnection;
declare const db: typeof pets;
declare const from: typeof pets;
declare const to: typeof pets;
declare const wh: import('hotline').SnowflakeConnection;
declare const HttpApiConnection: import('hotline').KindClass;
declare const ClockConnection: import('hotline').KindClass;

declare const rows: readonly object[];
declare const name: string;
declare function mint(about?: unknown): Promise<{ password: string; token: string; expiresAt: Date }>;
declare function lease(answer: unknown): { username: string; password: string; expiresAt: Date };
declare let openai: { apiKey: string };
declare class OpenAI {
  constructor(options: { apiKey: string });
}
declare const url: string;
declare const token: string;
declare function post(...what: unknown[]): Promise<void>;
declare function show(...what: unknown[]): void;
declare function log(...what: unknown[]): void;
declare function createSecretsFile(): void;
declare const app: import('express').Express;
declare const mailer: { use(key: unknown, from: unknown): void };

/** A source of one's own, and the place it is over. */
declare const vault: ((url: string, token?: string, options?: object) => import('hotline').Source) & {
  snowflakeToken(): Promise<{ token: string; expiresAt: Date }>;
  read(path: string, options?: { signal: AbortSignal }): Promise<unknown>;
  revoke(username: string | undefined): Promise<void>;
};
declare const vault$: import('rxjs').Observable<import('hotline').SecretTree>;
declare function put(url: string, secrets: import('hotline').SecretTree): Promise<void>;
declare function putText(url: string, text: string): Promise<void>;
declare function remove(url: string): Promise<void>;
declare const server: { close(): void };

interface ApiSession {
  readonly token: { readonly expiresAt: Date };
}
declare function logIn(): Promise<ApiSession>;
declare class Clock {
  constructor(zone: string);
  stop(): void;
}

declare module 'vitest' {
  export * from '@jest/globals';
}
declare module '*/clock.js' {
  export type ClockConnection = import('hotline').BaseConnection<Clock>;
}
declare module '*/redis-connection.js' {
  export const RedisConnection: import('hotline').KindClass;
}
declare module '@nestjs/typeorm' {
  export const TypeOrmModule: {
    forRootAsync(options: {
      inject: unknown[];
      useFactory(...given: never[]): { type: 'postgres'; driver: object; autoLoadEntities: boolean };
    }): import('@nestjs/common').DynamicModule;
  };
}
declare module 'typeorm' {
  export class DataSource {
    constructor(options: object);
  }
}
declare module '@prisma/client' {
  export class PrismaClient {
    constructor(options: object);
  }
}
declare module '@prisma/adapter-pg' {
  export class PrismaPg {
    constructor(pool: import('pg').Pool);
  }
}
declare module '@mikro-orm/postgresql' {
  export const knex: (options: object) => object;
  export const PostgreSqlDriver: object;
  export const MikroORM: { init(options: object): Promise<object> };
  export class PostgreSqlKnexDialect {
    acquireConnection(): Promise<unknown>;
    releaseConnection(client: unknown): Promise<void>;
    destroy(): Promise<void>;
  }
}
declare module 'sequelize' {
  export class Sequelize {
    constructor(options: object);
    readonly connectionManager: object;
  }
}
declare module 'postgraphile' {
  export const postgraphile: (
    pool: import('pg').Pool,
    schema: string,
    options: object,
  ) => Parameters<typeof app.use>[0];
}
declare module 'better-auth' {
  export const betterAuth: (options: { database: import('pg').Pool; emailAndPassword: object }) => object;
}
declare module 'express-session' {
  export default function session(options: object): import('express').RequestHandler;
}
declare module 'connect-pg-simple' {
  export default function connect(session: unknown): new (options: { pool: import('pg').Pool }) => object;
}
declare module 'graphile-worker' {
  export const run: (options: { pgPool: import('pg').Pool; taskList: object }) => Promise<object>;
}
declare module 'pg-boss' {
  export default class PgBoss {
    constructor(options: object);
  }
}
