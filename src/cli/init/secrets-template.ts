/** The first secrets file of a project. */
export const secretsTemplate = `#:schema ./secrets.schema.json
# What hotline connects to. Keep this file out of git and readable by you alone: chmod 600.
#
# Each [connections.NAME] is a connection: in code, \`await connection('NAME')\`.
# A save takes effect in running programs at once; a bad save changes nothing.
#
#   hotline list     what is here, without the secrets
#   hotline check    does everything answer?
#   hotline doctor   what is wrong, and what to do about it

[connections.pets]
type = "sql"
url = "sqlite:///pets.db"

# A server. Special characters in a password need no escaping when it stands alone.
#
# [connections.orders]
# type = "sql"
# dialect = "postgresql"
# host = "db.example.org"
# port = 5432
# database = "orders"
# username = "ann"
# password = "\${env:ORDERS_PASSWORD}"    # from the environment; or \${file:/run/secrets/orders}
#
# How it is kept: an age at which it is replaced, and how long it may lie unused.
# ttl = "1h"
# idle_timeout = "10m"

# Snowflake.
#
# [connections.warehouse]
# type = "snowflake"
# account = "myorg-account123"
# user = "APP"
# private_key_file = "rsa_key.p8"
# warehouse = "XS"

# Over all of it where HOTLINE_ENV=staging, or with --environment staging.
#
# [env.staging.connections.orders]
# host = "staging-db.example.org"
`;
