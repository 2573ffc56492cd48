import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = (text, link) => ({ text, link });
const room = (text, items, collapsed = false) => ({ text, items, collapsed });

/** What stands on the left, in the order in which it is read. */
export const sidebar = [
  room('Begin', [
    page('hotline', '/'),
    page('Installation and drivers', '/guides/installation'),
    page('Ten minutes', '/guides/tutorial'),
    page('From Streamlit', '/guides/from-streamlit'),
    page('Every client', '/guides/clients'),
    page('TypeScript', '/guides/typescript'),
    page('Bundlers and serverless', '/guides/bundlers'),
    page('Upgrading', '/guides/upgrading'),
  ]),
  room('Secrets', [
    page('Secrets', '/guides/secrets'),
    page('Sources', '/guides/sources'),
    page('Kubernetes', '/guides/kubernetes'),
    page('Fleets', '/guides/fleets'),
    page('Security', '/guides/security'),
  ]),
  room('Connections', [
    page('Lifetimes and rotation', '/guides/rotation'),
    page('Credentials that change', '/guides/credentials'),
    page('Many tenants', '/guides/multi-tenant'),
    page('Testing', '/guides/testing'),
  ]),
  room('Queries', [
    page('SQL', '/guides/sql'),
    page('Values', '/guides/values'),
    page('Poolers and managed databases', '/guides/poolers'),
    page('Snowflake', '/guides/snowflake'),
    page('Large results', '/guides/streaming'),
    page('Live queries', '/guides/live-queries'),
    page('A shared cache', '/guides/shared-cache'),
  ]),
  room('Kinds', [page('A kind of your own', '/guides/own-kinds'), page('Redis, HTTP', '/guides/kinds')]),
  room('At home', [
    page('Nest', '/guides/nestjs'),
    page('Logging', '/guides/logging'),
    page('Events and telemetry', '/guides/observability'),
    page('Development servers', '/guides/development'),
    page('Health', '/guides/health'),
    page('The command line', '/guides/command-line'),
    page('The board', '/guides/board'),
  ]),
  room('Errors', [
    page('Questions and troubles', '/guides/faq'),
    page('Every code', '/errors'),
    page('SQL: what is tried again', '/sql-errors'),
    page('Snowflake: what is tried again', '/snowflake-errors'),
  ]),
  room('The house', [
    page('Architecture', '/architecture'),
    page('Decisions', '/decisions'),
    page('Benchmarks', '/benchmarks'),
    page('Reliability', '/reliability'),
    page('Scale', '/scale'),
    page('The soak', '/soak'),
  ]),
  room('Reference', reference(), true),
];

/** What typedoc has printed, a room for each entry point of the package. */
function reference() {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../reference/typedoc-sidebar.json'), 'utf8'));
}
