#!/bin/sh
# restore.sh BACKUP: puts one backup back into an EMPTY database and an empty folder of documents.
# Needs pg_restore, DATABASE_URL (of the role that owns the tables) and DATA_DIR. The list of erasures
# is left as it is. Then follow « After a restored backup » in docs/lifecycle.md before opening.
set -eu
umask 077

backup=$1
data=${DATA_DIR:?the folder of documents}
url=${DATABASE_URL:?postgresql://…}
. "$(dirname "$0")/connection.sh"

(cd "$backup" && sha256sum -c --quiet SHA256SUMS)
tables=$(psql -XAtc "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'" "$url")
if [ "$tables" != 0 ]; then
    echo "The database holds $tables tables: restore into an empty one." >&2
    exit 1
fi
mkdir -p "$data"
# The portal stays closed until somebody removes the file, with or without this script's end.
printf '\nRestauration en cours.\n' >"$data/MAINTENANCE"
pg_restore --no-owner --no-privileges --exit-on-error --single-transaction --dbname="$url" \
    "$backup/database.dump"
tar -C "$data" -xf "$backup/documents.tar"
echo "Restored. The portal is closed ($data/MAINTENANCE): docs/lifecycle.md, « After a restored backup »."
