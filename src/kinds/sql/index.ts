export { SqlConnection } from './connection.ts';
export { classification } from './classification.ts';
