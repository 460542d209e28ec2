#!/bin/sh
# Run once by PostgreSQL's image, when its volume is empty: the role that the portal works as. It
# owns no table, so that it cannot take the triggers off the journal. By hand, on a database that
# exists: the same statements, then GRANT … ON ALL TABLES and ON ALL SEQUENCES IN SCHEMA public.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password DATABASE_PASSWORD
CREATE ROLE portal LOGIN PASSWORD :'password';
GRANT USAGE ON SCHEMA public TO portal;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO portal;
SQL
