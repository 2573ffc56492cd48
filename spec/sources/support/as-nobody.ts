import { chmod } from 'node:fs/promises';

/** Runs something while a file may not be read: root reads everything, so that it becomes somebody else meanwhile. */
export async function unreadableMeanwhile(path: string, run: () => Promise<void>): Promise<void> {
  await chmod(path, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    await run();
  } finally {
    if (isRoot) process.seteuid!(0);
    await chmod(path, 0o600);
  }
}
