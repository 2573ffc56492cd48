// Database drivers are loaded by Node, not bundled.
export default { serverExternalPackages: ['hotline', 'knex', 'libsql'] };
