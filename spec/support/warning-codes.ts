/** The codes of `warning` events that are not codes of errors: what each means and what to do. */
export const warnings: Record<string, readonly [meaning: string, cure: string]> = {
  unknown_setting: [
    'The section or the params have a key that the kind does not know.',
    'Correct it; the message says which one was probably meant.',
  ],
  policy_conflict: [
    'The connection was asked for before with another value of a policy; the first one stays in use.',
    'Say it in one place: in the section, or in `createConnections`.',
  ],
  registries_alike: [
    'Three registries over the same files are open in one process: a module with `createConnections()` was evaluated again, and nobody closed the one before.',
    'Close it in the hook of the development server, or use `defaultConnections()`: see the guide of development. Where several are meant, give each an `instance`.',
  ],
  options_not_taken: [
    'A second call of `defaultConnections(options)` has other options than the one that made the registry; the first ones stay in use.',
    'Start the process again, or close the default registry first.',
  ],
  credentials_conflict: [
    'The connection was asked for before with another provider of credentials; the first one stays in use. Two closures of one text count as one.',
    'Give both calls one provider, or ask for two connections: by their names, or by params such as `username`.',
  ],
  identity_by_reference: [
    'A param holds another function, or another object of a class, than in a call before, so there is one more connection. It is told once.',
    'Make it once, outside of the call; for a password that changes with time use `credentials`.',
  ],
  revoke_failed: [
    'The `revoke` of a provider of credentials failed; the connection is closed all the same.',
    'Look at the store that gave them; what it gave ends by itself when its time is over.',
  ],
  credentials_refused: [
    'An Observable of credentials gave a value that cannot be used; the one before it stays in use.',
    'Mend what the message names.',
  ],
  transaction_left_open: [
    'A connection of the pool came back with a transaction that its holder had begun and not ended; it was rolled back.',
    'Use `transaction`, in which everything is committed or rolled back; in `use(knex => …)` use `knex.transaction`.',
  ],
  server_notice: [
    'The server has said something beside its answer: a NOTICE or WARNING of PostgreSQL, or that a statement of MySQL had warnings. Nobody who does not listen to `events$` is told.',
    'Read it; on PostgreSQL `client_min_messages` decides what is sent, and on MySQL `show warnings` lists them.',
  ],
  unheard_option: [
    'An option in the query of a database URL, in `query` or in `connect_args` is one that nobody knows, or one that no driver of Node.js hears.',
    'Write what the message names, or leave it out. An option of the driver that hotline does not know goes into `knex.connection`.',
  ],
  pool_below_min: [
    'A new instance could not open as many connections as `knex.pool.min` asks for before it serves; it serves all the same.',
    'Lower `min`, or raise what the server allows: while one instance replaces another both have connections.',
  ],
  iterator_dropped: [
    'An iterator of `stream` or `batches`, or a cursor, was dropped while it was open. What it held was given back when it was collected as garbage.',
    'Read it to its end, leave its loop by `break`, or call `return()` or `close()`.',
  ],
  pool_option_ignored: [
    'A pool of `hotline/pg` or `hotline/mysql2` was given options that the section of its connection decides.',
    'Put them into the section (`knex.pool`, the URL), or leave them out.',
  ],
  two_copies: [
    'A pool of `hotline/pg` is of another copy of `pg` than the clients that hotline opens.',
    'Have one copy (`npm ls pg`, `npm dedupe`), or give the copy of the library that takes the pool: `pgPool(connection, { pg })`.',
  ],
  not_watched: [
    'The system cannot watch a file or directory (a limit of inotify, no permission); it is looked at every 5 s, so a change is seen later.',
    'Raise the limit that the message names, or give `usePolling: true`.',
  ],
  mount_replaced: [
    'A mounted file was replaced outside by another one; the mount leads to the old one, which can never change.',
    'Mount the directory instead of the file, and start the container again.',
  ],
  readable_by_others: ['Other users of the machine can read the secrets file.', 'Run the `chmod 600` of the message.'],
  mount_readable_by_others: [
    'Other users of the machine or the container can read a mounted secrets file, whose mode cannot be changed there.',
    'Write `defaultMode: 0400` in the manifest that mounts it, with `fsGroup` where the process is not root: see the guide of Kubernetes.',
  ],
  stray_reference: [
    'A value of a local source has a `${…}` that is no reference, such as `${PW}`, `${ENV:PW}` or `${vault:x}`; it stays as it is.',
    'Write `${env:NAME}` or `${file:/path}`; where `${` is meant literally, `$${`.',
  ],
  not_text: [
    'A file in a directory of secrets is no text in UTF-8, and was left out.',
    'Save it as UTF-8, move it out of the directory, or name it in `ignore`.',
  ],
  tracked_by_git: ['The secrets file is in a commit.', 'Take it out with `git rm --cached`, and change what it says.'],
  not_ignored_by_git: [
    'The next `git add .` would take the secrets file along.',
    'Add it to `.gitignore`; `hotline init` does.',
  ],
};
