import { Observable } from 'rxjs';

/** Lets at most `limit` pieces of work run at once; the others wait in line. */
export class Gate {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  pass<T>(work$: Observable<T>): Observable<T> {
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
    });
  }
}
