import type { Load, Secrets, Written } from '../secrets/index.ts';

/** The section of a connection in what the sources say. */
export function sectionIn(load: Load, name: string): ReturnType<Secrets['section']> {
  return load.state === 'loaded' ? load.secrets.section(name) : undefined;
}

/** The `type` in the section of a connection. */
export function typeIn(load: Load, name: string): Written | undefined {
  if (load.state === 'failed') return undefined;
  const { secrets } = load;
  const path = ['connections', name, 'type'];
  if (!secrets.has(path)) return undefined;
  return { value: secrets.get(path), trust: secrets.trust(path), origin: secrets.origin(path) ?? 'secrets' };
}
