import { describe, expect, it } from '@jest/globals';
import { Observable, of, Subject, throwError } from 'rxjs';
import { ReferencedFiles } from '../../src/secrets/referenced-files.ts';
import type { FileContent } from '../../src/sources/watch-file.ts';

function watched(watch: (path: string) => Observable<FileContent>) {
  const files = new ReferencedFiles(watch);
  let changes = 0;
  files.changes$.subscribe(() => changes++);
  return { files, changes: () => changes };
}

describe('ReferencedFiles', () => {
  it('reads a file when it is first asked for, and tells of what comes later', () => {
    const content$ = new Subject<FileContent>();
    const { files, changes } = watched(() => content$);
    expect(files.read('/x')).toBeUndefined();
    content$.next({ state: 'loaded', text: 'a' });
    content$.next({ state: 'loaded', text: 'a' });
    expect([files.read('/x'), changes()]).toEqual([{ text: 'a' }, 1]);
    content$.next({ state: 'missing' });
    expect([files.read('/x'), changes()]).toEqual([{ text: 'a', gone: 'missing' }, 2]);
    content$.next({ state: 'loaded', text: 'a' });
    expect([files.read('/x'), changes()]).toEqual([{ text: 'a' }, 3]);
  });

  it('does not call a change what is found at once', () => {
    const { files, changes } = watched(() => of({ state: 'loaded', text: 'a' }));
    expect(files.read('/x')).toEqual({ text: 'a' });
    expect(changes()).toBe(0);
  });

  it('watches each file once, until nothing refers to it', () => {
    const open: string[] = [];
    const { files } = watched(
      (path) =>
        new Observable((subscriber) => {
          open.push(path);
          subscriber.next({ state: 'loaded', text: path });
          return () => open.splice(open.indexOf(path), 1);
        }),
    );
    files.read('/x');
    files.read('/x');
    files.read('/y');
    expect(open).toEqual(['/x', '/y']);
    files.keep(new Set(['/y']));
    expect(open).toEqual(['/y']);
    files.keep(new Set());
    expect(open).toEqual([]);
  });

  it('survives a watcher that errs', () => {
    const { files } = watched(() => throwError(() => new Error('no')));
    expect(files.read('/x')).toEqual({ text: undefined, gone: 'missing' });
  });
});
