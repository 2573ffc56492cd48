/** The names of the semantic conventions for database clients, as of version 1.45. */
export const poolName = 'db.client.connection.pool.name';
export const connectionState = 'db.client.connection.state';
export const connectionCount = 'db.client.connection.count';
export const pendingRequests = 'db.client.connection.pending_requests';
export const poolTimeouts = 'db.client.connection.timeouts';
export const createTime = 'db.client.connection.create_time';
export const waitTime = 'db.client.connection.wait_time';
export const useTime = 'db.client.connection.use_time';
export const connectionLimit = 'db.client.connection.limit';
export const idleMax = 'db.client.connection.idle.max';
export const idleMin = 'db.client.connection.idle.min';
export const operationDuration = 'db.client.operation.duration';
export const returnedRows = 'db.client.response.returned_rows';
export const spanRows = 'db.response.returned_rows';
export const systemName = 'db.system.name';
export const namespace = 'db.namespace';
export const queryText = 'db.query.text';
export const responseStatus = 'db.response.status_code';
export const serverAddress = 'server.address';
export const serverPort = 'server.port';
export const errorType = 'error.type';

/** Names of ours, for what the conventions do not know. */
export const generation = 'hotline.connection.generation';
export const instances = 'hotline.connection.instances';
export const instanceState = 'hotline.instance.state';
export const openTime = 'hotline.connection.open_time';
export const drainTime = 'hotline.connection.drain_time';
export const retireReason = 'hotline.retire.reason';
export const leaseWaitTime = 'hotline.lease.wait_time';
export const leaseUseTime = 'hotline.lease.use_time';
export const errorCode = 'hotline.error.code';
export const operation = 'hotline.operation';
export const connectionReload = 'hotline.connection.reload.successful';
export const connectionReloadTime = 'hotline.connection.reload.success_time';
export const sourceReload = 'hotline.source.reload.successful';
export const sourceReloadTime = 'hotline.source.reload.success_time';
export const sourceLabel = 'hotline.source.label';

/** Bounds of a histogram of seconds, as the conventions ask for; they name none for the times of a pool, which get the same. */
export const seconds = {
  unit: 's',
  advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
};

/** Bounds of a histogram of rows, as the conventions ask for. */
export const rowCounts = {
  unit: '{row}',
  advice: { explicitBucketBoundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
};
