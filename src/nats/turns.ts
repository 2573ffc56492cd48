/** Runs one look at a time. Who asks while one runs gets the next one, together with all who ask meanwhile. */
export class Turns {
  readonly #look: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  /** Resolves when a look has ended that began after this call. */
  ask(): Promise<void> {
    if (this.#next) return this.#next;
    if (!this.#running) return this.#run();
    return (this.#next = this.#running.then(() => {
      this.#next = undefined;
      return this.#run();
    }));
  }

  #run(): Promise<void> {
    const ended = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    const running: Promise<void> = this.#look().then(ended, ended);
    return (this.#running = running);
  }
}
