/** Under which the registry is provided: `app.get(registryToken)`. */
export const registryToken = 'hotline registry';

/** @internal Under which the options of `forRoot` are provided. */
export const optionsToken = 'hotline options';

/** Under which the handle of a connection is provided: `overrideProvider(connectionToken('pets'))`. */
export function connectionToken(name: string): string {
  return `hotline connection("${name}")`;
}

/** Under which the stream of handles of a connection is provided. */
export function connectionToken$(name: string): string {
  return `hotline connection$("${name}")`;
}
