import type { Answer } from './answer.ts';
import { finished, refused, running, success } from './answer.ts';
import { identifier } from './dialect.ts';
import type { Catalog, LoginData } from './login.ts';
import { login } from './login.ts';
import { parameterList } from './parameters.ts';
import type { Refusal } from './refusal.ts';
import { refusal } from './refusal.ts';
import { newQueryId, Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Statement } from './statement.ts';
import type { Stages } from './stages.ts';
import type { QueryRequest, Statements } from './statements.ts';
import type { OAuth } from './oauth.ts';
import type { Users } from './users.ts';

/** A request as the routes see it. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly token: string;
  readonly raw: Buffer;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the routes work with. */
export interface Service {
  readonly users: Users;
  readonly oauth: OAuth;
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly statements: Statements;
  readonly stages: Stages;
  readonly chunkRows: number;
  readonly longPollMs: number;
  readonly chunkKey: string;
  readonly counts: { logins: number; chunks: number; heartbeats: number };
  end(session: Session): Promise<void>;
}

type Handler = (service: Service, call: Call, id: string) => Promise<Answer> | Answer;

const routes: readonly [string, RegExp, Handler][] = [
  ['POST', /^\/session\/v1\/login-request$/, logIn],
  ['POST', /^\/session\/token-request$/, renew],
  ['POST', /^\/session\/heartbeat$/, withSession(heartbeat)],
  ['POST', /^\/session$/, withSession(endSession)],
  ['POST', /^\/queries\/v1\/query-request$/, withSession(query)],
  ['POST', /^\/queries\/v1\/abort-request$/, withSession(abortRequest)],
  ['POST', /^\/queries\/([\w-]+)\/abort-request$/, withSession(abortQuery)],
  ['GET', /^\/queries\/([\w-]+)\/result$/, withSession(fetchResult)],
  ['GET', /^\/monitoring\/queries\/([\w-]+)$/, withSession(monitor)],
  ['GET', /^\/chunks\/([\w-]+)$/, chunk],
  ['PUT', /^\/storage\/(.+)$/, ({ stages }, { raw }, path) => stages.store(path, raw)],
  ['GET', /^\/storage\/(.+)$/, ({ stages }, _, path) => stages.load(path)],
  ['GET', /^\/oauth\/authorize$/, ({ oauth }, { url }) => oauth.authorize(url)],
  ['POST', /^\/oauth\/token-request$/, ({ oauth }, { body }) => oauth.token(body)],
  ['POST', /^\/telemetry\/send$/, () => success()],
];

export async function route(service: Service, call: Call): Promise<Answer> {
  for (const [method, pattern, handler] of routes) {
    const found = method === call.method ? pattern.exec(call.url.pathname) : null;
    if (found) return handler(service, call, found[1] ?? '');
  }
  return { status: 404, json: { success: false, code: '404', message: 'not found', data: null } };
}

async function logIn({ users, sessions, counts, catalog }: Service, { url, body }: Call): Promise<Answer> {
  counts.logins++;
  const data = (body['data'] ?? {}) as LoginData;
  const asked = (key: string) => {
    const name = url.searchParams.get(key);
    return name === null ? undefined : identifier(name);
  };
  const verdict = login(data, users, asked('roleName'), catalog);
  if ('code' in verdict) return refused(verdict);
  const place = {
    database: known(catalog.databases, asked('databaseName')),
    schema: asked('schemaName'),
    warehouse: known(catalog.warehouses, asked('warehouse')),
    role: asked('roleName') ?? 'PUBLIC',
  };
  const missing = missingDefault(catalog, data, asked);
  if (missing) return refused(missing);
  const [session, tokens] = await sessions.open(
    { ...verdict, account: data.ACCOUNT_NAME ?? '' },
    {
      place,
      parameters: { ...data.SESSION_PARAMETERS },
      warehouses: catalog.warehouses,
      roles: users.get(verdict.user)?.roles,
    },
  );
  const { mfaToken = null, idToken = null } = verdict;
  return success({
    token: tokens.token,
    masterToken: tokens.master,
    validityInSeconds: tokens.validitySeconds,
    masterValidityInSeconds: tokens.masterValiditySeconds,
    sessionId: session.id,
    displayUserName: verdict.user,
    serverVersion: '9.0.0-local',
    ...firstLogin,
    idToken,
    idTokenValidityInSeconds: idToken === null ? 0 : 14_400,
    mfaToken,
    mfaTokenValidityInSeconds: mfaToken === null ? 0 : 14_400,
    parameters: parameterList(session.parameters),
    sessionInfo: {
      databaseName: place.database,
      schemaName: place.schema,
      warehouseName: place.warehouse,
      roleName: place.role,
    },
  });
}

/** The rest of a login answer, as it is recorded (nodejs/wiremock/mappings/login_request_ok.json). */
const firstLogin = {
  firstLogin: false,
  remMeToken: null,
  remMeValidityInSeconds: 0,
  healthCheckInterval: 45,
  newClientForUpgrade: null,
  responseData: null,
};

/** A default that does not exist is left out, unless the login asks to be told (390201). */
function known(names: readonly string[] | undefined, name: string | undefined): string | undefined {
  return names && name !== undefined && !names.some((one) => one.toUpperCase() === name) ? undefined : name;
}

function missingDefault(catalog: Catalog, data: LoginData, asked: (key: string) => string | undefined) {
  if (data.SESSION_PARAMETERS?.['CLIENT_VALIDATE_DEFAULT_PARAMETERS'] !== true) return undefined;
  const missing = [
    ['database', catalog.databases, asked('databaseName')],
    ['warehouse', catalog.warehouses, asked('warehouse')],
  ] as const;
  const found = missing.find(([, names, name]) => name !== undefined && known(names, name) === undefined);
  return (
    found &&
    refusal('390201', `The requested ${found[0]} does not exist or not authorized.`, undefined, {
      nextAction: 'RETRY_LOGIN',
    })
  );
}

function renew({ sessions }: Service, { token }: Call): Answer {
  const renewed = sessions.renew(token);
  if ('code' in renewed) return refused(renewed);
  return success({
    sessionToken: renewed.token,
    masterToken: renewed.master,
    validityInSecondsST: renewed.validitySeconds,
    validityInSecondsMT: renewed.masterValiditySeconds,
  });
}

type SessionHandler = (service: Service, call: Call, session: Session, id: string) => Promise<Answer> | Answer;

/** Only for a session that is there, whose token is good and whose login has not run out. */
function withSession(handler: SessionHandler): Handler {
  return (service, call, id) => {
    const session = current(service, call.token);
    return session instanceof Session ? handler(service, call, session, id) : refused(session);
  };
}

function current({ sessions, users }: Service, token: string): Session | Refusal {
  const session = sessions.byToken(token);
  if (!(session instanceof Session) || session.login.token === undefined) return session;
  if (!users.expired('oauth', session.login.token)) return session;
  return refusal('390318', 'OAuth access token expired.');
}

function heartbeat({ counts }: Service): Answer {
  counts.heartbeats++;
  return success();
}

async function endSession(service: Service, _: Call, session: Session): Promise<Answer> {
  await service.end(session);
  return success();
}

function query(service: Service, { url, body }: Call, session: Session): Promise<Answer> | Answer {
  const request = body as unknown as QueryRequest;
  const transfer = service.stages.resolve(request.sqlText, url.origin, newQueryId());
  if (transfer) return transfer;
  const requestId = url.searchParams.get('requestId') ?? crypto.randomUUID();
  service.stages.created(request.sqlText, session);
  const copy = service.stages.copy(request.sqlText);
  const statement = service.statements.submit(session, requestId, { ...request, copy });
  return request.asyncExec === true ? running(statement, true) : settled(service, statement, url);
}

function fetchResult(service: Service, { url }: Call, _: Session, id: string): Promise<Answer> | Answer {
  const statement = service.statements.find(id);
  return statement ? settled(service, statement, url) : refused(unknownQuery(id), id);
}

async function settled(service: Service, statement: Statement, { origin }: URL): Promise<Answer> {
  const outcome = await statement.within(service.longPollMs);
  if (!outcome) return running(statement, false);
  const place = `${origin}/chunks/${statement.id}?key=${service.chunkKey}`;
  return finished(statement, outcome, service.chunkRows, (index) => `${place}&index=${index}`);
}

function monitor({ statements }: Service, _: Call, __: Session, id: string): Answer {
  const statement = statements.find(id);
  return success({ queries: statement ? [{ id, status: statement.state, sqlText: statement.sql }] : [] });
}

function abortRequest({ statements }: Service, { body }: Call): Answer {
  statements.cancel({ requestId: String(body['requestId']) });
  return success();
}

function abortQuery({ statements }: Service, _: Call, __: Session, id: string): Answer {
  statements.cancel({ queryId: id });
  return success();
}

// Chunks come from a cloud store: no session token there, the address itself is the permission.
async function chunk(service: Service, { url }: Call, id: string): Promise<Answer> {
  const outcome = await service.statements.find(id)?.done;
  if (url.searchParams.get('key') !== service.chunkKey) return { status: 403, json: {} };
  if (!outcome || 'error' in outcome) return { status: 404, json: {} };
  service.counts.chunks++;
  const from = Number(url.searchParams.get('index')) * service.chunkRows;
  return { chunk: outcome.result.rows(from, Math.min(from + service.chunkRows, outcome.result.rowCount)) };
}

const unknownQuery = (id: string) => refusal('000709', `Statement ${id} not found`, '02000');
