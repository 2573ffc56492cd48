import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a program that stands in for `sops`, which cannot be had here, and resolves with its path. It takes the command lines that the
 * documentation shows, with the arguments of the real one: `sops -d [--output-type json] FILE`, and `sops exec-file FILE COMMAND`, which
 * runs the command with the path of a FIFO in the place of `{}`. Its encryption is base64; what is none ends it with 1.
 */
export async function playedSops(folder: string): Promise<string> {
  const path = join(folder, 'sops');
  const program = `#!/bin/sh
case "$1" in
-d)
  shift
  [ "$1 $2" = "--output-type json" ] && shift 2
  [ $# = 1 ] || exit 100
  exec base64 -d "$1"
  ;;
exec-file)
  [ $# = 3 ] || exit 100
  fifo=$(mktemp -u)
  mkfifo -m 600 "$fifo"
  base64 -d "$2" > "$fifo" &
  sh -c "$(printf %s "$3" | sed "s#{}#$fifo#")"
  code=$?
  rm -f "$fifo"
  exit $code
  ;;
*) exit 100 ;;
esac
`;
  await writeFile(path, program, { mode: 0o755 });
  return path;
}
