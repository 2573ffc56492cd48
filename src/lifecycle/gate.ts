import { NEVER, Observable, take } from 'rxjs';

/** Lets at most `limit` pieces of work run at once; the others wait in line. */
export class Gate {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `urgent$` lets it out of the line: it starts, and takes nobody's place. */
  pass<T>(work$: Observable<T>, urgent$: Observable<unknown> = NEVER): Observable<T> {
    return new Observable<T>((subscriber) => {
      const start = (): void => {
        this.#waiting.delete(start);
        this.#running++;
        // Added after the work, so that what is given up has stopped when the next one starts.
        work$.subscribe(subscriber);
        subscriber.add(() => {
          this.#running--;
          const [next] = this.#waiting;
          next?.();
        });
      };
      if (this.#running < this.#limit) return start();
      this.#waiting.add(start);
      subscriber.add(() => this.#waiting.delete(start));
      const leave = (): unknown => this.#waiting.delete(start) && work$.subscribe(subscriber);
      subscriber.add(urgent$.pipe(take(1)).subscribe(leave));
    });
  }
}
