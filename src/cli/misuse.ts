/** The command was used wrongly; `message` says how to use it. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
