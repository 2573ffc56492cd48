// The file that is changed under the program: written as people, editors and machines do it.
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** The settings as TOML. `note` is a comment, and changes nothing. */
export function tomlOf({ pets, notes, lake, note = '' }) {
  return `# ${note}
[connections.pets]
type = "sql"
url = "postgresql://${pets.role}:${pets.password}@127.0.0.1:${pets.port}/${pets.database}"
[connections.pets.knex.pool]
min = 6
max = 6

[connections.notes]
type = "sql"
url = "sqlite:///${notes.file}"

[connections.lake]
type = "snowflake"
account = "local"
access_url = "${lake.accessUrl}"
username = "dev"
password = "${lake.password}"
`;
}

export function secretsFile(path) {
  return {
    path,
    inPlace: (text) => writeFileSync(path, text),
    renamed(text) {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
    remove: () => rmSync(path, { force: true }),
  };
}
