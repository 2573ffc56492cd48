import { dirname, relative, resolve } from 'node:path';
import type { CommonOptions, Console } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { gitIgnore } from './init/git-ignore.ts';
import { secretsSchema } from './init/secrets-schema.ts';
import { secretsTemplate } from './init/secrets-template.ts';
import { writeNew } from './init/write-new.ts';
import { place } from './output/place.ts';

const defaultFile = '.streamlit/secrets.toml';

/** A secrets file that only its owner can read, its JSON Schema, a line in .gitignore. Nothing is overwritten. */
export async function init({ out, err }: Console, { secrets, json }: CommonOptions): Promise<ExitCode> {
  const file = resolve(secrets?.at(-1) ?? defaultFile);
  const schema = resolve(dirname(file), 'secrets.schema.json');
  const done = [
    { file, made: await writeNew(file, secretsTemplate, 0o600), why: 'your connections; only you can read it' },
    { file: schema, made: await writeNew(schema, secretsSchema(), 0o644), why: 'its schema, for editors' },
    { ...(await gitIgnore(file)), why: 'keeps it out of git' },
  ];
  if (json)
    out.line(
      JSON.stringify(
        done.map(({ file, made }) => ({ file, made })),
        undefined,
        2,
      ),
    );
  else {
    const { bold, dim, green } = out.colors;
    for (const { file, made, why } of done)
      out.line(
        made
          ? `${green('✓')} ${bold(place(file))}  ${dim(why)}`
          : `${dim('=')} ${place(file)}  ${dim('is there already; left as it is')}`,
      );
    const named = file === resolve(defaultFile) ? '' : ` --secrets ${relative('.', file)}`;
    err.line(`\nNext: write your connections into ${place(file)}, then run: hotline check${named}`);
  }
  return exitCode.fine;
}
