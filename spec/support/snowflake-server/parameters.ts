/** Without these the driver throws on its way through the cells of a result. */
export const defaultParameters: Readonly<Record<string, unknown>> = {
  TIMEZONE: 'America/Los_Angeles',
  BINARY_OUTPUT_FORMAT: 'HEX',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  CLIENT_SESSION_KEEP_ALIVE: false,
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3600,
  JS_TREAT_INTEGER_AS_BIGINT: false,
  // Above it the driver uploads binds to a stage.
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 65_280,
  CLIENT_PREFETCH_THREADS: 4,
  CLIENT_RESULT_PREFETCH_THREADS: 1,
  QUERY_CONTEXT_CACHE_SIZE: 5,
};

export function parameterList(parameters: Readonly<Record<string, unknown>>): { name: string; value: unknown }[] {
  return Object.entries(parameters).map(([name, value]) => ({ name, value }));
}
