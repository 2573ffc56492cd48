// A large result over HTTP as NDJSON or CSV: the client's pace is that of the cursor, and a client that leaves ends the query.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const formats = {
  'application/x-ndjson': (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  'text/csv': (rows, first) => {
    const lines = rows.map((row) => Object.values(row));
    return (first ? [Object.keys(rows[0]), ...lines] : lines)
      .map((cells) => `${cells.map(cell).join(',')}\r\n`)
      .join('');
  },
};

function cell(value) {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Answers a request with the rows of a statement. The first rows are there before the status is sent. */
export async function sendRows(db, sql, response, type = 'application/x-ndjson') {
  const batches = db.batches(sql)[Symbol.asyncIterator]();
  try {
    const first = await batches.next();
    const chunks = async function* () {
      for (let next = first; !next.done; next = await batches.next()) yield formats[type](next.value, next === first);
    };
    response.writeHead(200, { 'content-type': type });
    await pipeline(Readable.from(chunks(), { objectMode: false }), response);
  } catch {
    // Once rows were sent, the pipeline has cut the connection: the client knows that it has not all of them.
    if (!response.headersSent) response.writeHead(503).end();
  } finally {
    // Also where the client has left: the cursor is closed, and its connection is back.
    await batches.return();
  }
}
