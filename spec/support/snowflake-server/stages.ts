import { basename } from 'node:path';
import type { Answer } from './answer.ts';
import { refused, success } from './answer.ts';
import { csv, type Copy } from './copy.ts';
import { identifier } from './dialect.ts';
import { refusal } from './refusal.ts';

/** What a PUT or GET asks for: the driver moves the files itself. */
interface Transfer {
  readonly command: 'put' | 'get';
  readonly file: string;
  readonly stage: string;
}

/**
 * The files on stages, in a store like that of Google with presigned URLs: the driver resolves the statement once, and once
 * more for each file that it uploads (nodejs/wiremock/mappings/query_put_gcs_presigned_ok.json.template).
 */
export class Stages {
  /** By stage and name: `@box/a.csv`. */
  readonly files = new Map<string, Buffer>();
  readonly #temporary = new Map<string, object>();
  readonly #names = new Set<string>();

  /** The answer to a PUT or a GET; undefined for any other statement. */
  resolve(sql: string, origin: string, queryId: string): Answer | undefined {
    const transfer = transferOf(sql);
    if (!transfer) return undefined;
    const { command, file, stage } = transfer;
    const name = stage.slice(1).split('/')[0]!;
    if (!/^[~%]/.test(name) && !this.#names.has(identifier(name))) return refused(missing(identifier(name)), queryId);
    const stageInfo = { locationType: 'GCS', location: 'bucket/path/', creds: {}, region: 'us-central1' };
    const url = (path: string) => `${origin}/storage/${encodeURIComponent(path)}`;
    if (command === 'put') {
      // With its path it is the first resolution; with a name alone, that of one file.
      const presignedUrl = file.includes('/') ? null : url(`${stage}/${file}`);
      return success({
        command: 'UPLOAD',
        src_locations: [file],
        parallel: 4,
        autoCompress: !/auto_compress\s*=\s*false/i.test(sql),
        overwrite: true,
        sourceCompression: 'auto_detect',
        stageInfo: { ...stageInfo, presignedUrl },
        encryptionMaterial: null,
        queryId,
      });
    }
    const paths = [...this.files.keys()].filter((path) => path === stage || path.startsWith(`${stage}/`));
    return success({
      command: 'DOWNLOAD',
      src_locations: paths.map((path) => basename(path)),
      localLocation: file,
      parallel: 4,
      stageInfo: { ...stageInfo, presignedUrl: null },
      presignedUrls: paths.map(url),
      encryptionMaterial: [],
      queryId,
    });
  }

  /** Notes a stage; a temporary one ends with its session. */
  created(sql: string, session: object): void {
    const found = /^\s*create\s+(?:or\s+replace\s+)?(temp(?:orary)?\s+)?stage\s+(?:if\s+not\s+exists\s+)?(\S+)/i.exec(
      sql,
    );
    if (!found) return;
    const [, temporary, name] = found as unknown as [string, string | undefined, string];
    this.#names.add(identifier(name));
    if (temporary !== undefined) this.#temporary.set(`@${name}/`, session);
  }

  ended(session: object): void {
    for (const [stage, owner] of this.#temporary) {
      if (owner !== session) continue;
      this.#temporary.delete(stage);
      this.#names.delete(identifier(stage.slice(1, -1)));
      for (const path of this.files.keys()) if (path.startsWith(stage)) this.files.delete(path);
    }
  }

  /** What a COPY INTO takes, file by file in the order of their names; undefined for any other statement. */
  copy(sql: string): Copy | undefined {
    const found = /^\s*copy\s+into\s+(.+?)\s+from\s+\(\s*select\s+(.+?)\s+from\s+(@\S+?)\s*\)/i.exec(sql);
    if (!found) return undefined;
    const [, into, values, stage] = found as unknown as [string, string, string, string];
    const files = [...this.files].filter(([path]) => path.startsWith(`${stage}/`));
    return { into, values, files: files.map(([path, content]) => ({ name: basename(path), rows: csv(content) })) };
  }

  store(path: string, content: Buffer): Answer {
    this.files.set(decodeURIComponent(path), content);
    return { json: {} };
  }

  load(path: string): Answer {
    const content = this.files.get(decodeURIComponent(path));
    return content ? { bytes: content } : { status: 404, json: {} };
  }
}

const missing = (stage: string) =>
  refusal('002003', `SQL compilation error:\nStage '${stage}' does not exist or not authorized.`, '02000');

function transferOf(sql: string): Transfer | undefined {
  const put = /^\s*put\s+'?file:\/\/([^\s']+)'?\s+(@[^\s;]+)/i.exec(sql);
  if (put) return { command: 'put', file: put[1]!, stage: put[2]!.replace(/\/$/, '') };
  const get = /^\s*get\s+(@[^\s;]+)\s+'?file:\/\/([^\s';]+)/i.exec(sql);
  if (get) return { command: 'get', file: get[2]!, stage: get[1]!.replace(/\/$/, '') };
  return undefined;
}
