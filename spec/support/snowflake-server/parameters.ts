/** What a login is told of no matter who asks, as it is recorded (nodejs/wiremock/mappings/login_request_ok.json and those of Go). */
const ofEveryClient: Readonly<Record<string, unknown>> = {
  ...named(true, 'AUTOCOMMIT CLIENT_DISABLE_INCIDENTS CLIENT_ENABLE_CONSERVATIVE_MEMORY_USAGE CLIENT_USE_V1_QUERY_API'),
  ...named(
    true,
    'CLIENT_HONOR_CLIENT_TZ_FOR_TIMESTAMP_NTZ CLIENT_TELEMETRY_ENABLED CLIENT_TELEMETRY_SESSIONLESS_ENABLED',
  ),
  ...named(true, 'ENABLE_FIX_1247059 ENABLE_STAGE_S3_PRIVATELINK_FOR_US_EAST_1 JDBC_EFFICIENT_CHUNK_STORAGE'),
  ...named(true, 'JDBC_ENABLE_COMBINED_DESCRIBE JDBC_ENABLE_PUT_GET JDBC_FORMAT_DATE_WITH_TIMEZONE'),
  ...named(true, 'JDBC_TREAT_DECIMAL_AS_INT JDBC_USE_JSON_PARSER JDBC_USE_SESSION_TIMEZONE'),
  ...named(true, 'SNOWPARK_HIDE_INTERNAL_ALIAS SNOWPARK_LAZY_ANALYSIS SNOWPARK_USE_SCOPED_TEMP_OBJECTS'),
  ...named(false, 'CLIENT_ENABLE_LOG_INFO_STATEMENT_PARAMETERS CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX'),
  ...named(false, 'CLIENT_METADATA_USE_SESSION_DATABASE CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED CLIENT_SESSION_CLONE'),
  ...named(false, 'CLIENT_RESULT_COLUMN_CASE_INSENSITIVE JDBC_EXECUTE_RETURN_COUNT_FOR_DML'),
  ...named(false, 'JDBC_RS_COLUMN_CASE_INSENSITIVE JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC'),
  ...named(false, 'JS_DRIVER_DISABLE_OCSP_FOR_NON_SF_ENDPOINTS PYTHON_SNOWPARK_USE_AST'),
  ...named('', 'CSV_TIMESTAMP_FORMAT SERVICE_NAME'),
  ...named(134_217_728, 'VARCHAR_AND_BINARY_MAX_SIZE_IN_RESULT VARIANT_MAX_SIZE_IN_RESULT'),
  CLIENT_CONSERVATIVE_MEMORY_ADJUST_STEP: 64,
  CLIENT_MEMORY_LIMIT: 1536,
  CLIENT_RESULT_CHUNK_SIZE: 16,
  CLIENT_RESULT_PREFETCH_SLOTS: 2,
  CLIENT_TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_LTZ',
  SNOWPARK_REQUEST_TIMEOUT_IN_SECONDS: 86_400,
};

/** The parameters of a login. Without those below the first line the driver throws on its way through the cells of a result. */
export const defaultParameters: Readonly<Record<string, unknown>> = {
  ...ofEveryClient,
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

function named(value: unknown, names: string): Record<string, unknown> {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]));
}

export function parameterList(parameters: Readonly<Record<string, unknown>>): { name: string; value: unknown }[] {
  return Object.entries(parameters).map(([name, value]) => ({ name, value }));
}
