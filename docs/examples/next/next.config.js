// Loaded by Node, not bundled: a bundler would look for every database driver, also for those that you do not have.
export default { serverExternalPackages: ['hotline', 'knex', 'libsql'] };
