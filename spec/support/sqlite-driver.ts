/** The driver of SQLite under test: the one that is installed, or the part of newer Node.js, as `spec/runtimes` asks. */
export const sqliteDriver = process.env['HOTLINE_TEST_SQLITE_DRIVER'] ?? 'libsql';
