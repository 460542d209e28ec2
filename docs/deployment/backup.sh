#!/bin/sh
# One backup: backup.sh FOLDER. Makes FOLDER/portal-<UTC time>/ with the database, the documents and
# their checksums, then removes backups older than BACKUP_DAYS. Needs pg_dump of the server's version
# or later, DATABASE_URL (libpq's form, without sslmode it asks for TLS as libpq does),
# DATA_DIR, and connection.sh beside it.
#
# The database first: every document that its rows name was on the disk before. What arrives in
# between is a file too many, which harms nothing.
set -eu
umask 077

target=$1
data=${DATA_DIR:?the folder of documents}
url=${DATABASE_URL:?postgresql://…}
days=${BACKUP_DAYS:-30}
name=portal-$(date -u +%Y-%m-%dT%H%M%SZ)
making=$target/.$name.part

. "$(dirname "$0")/connection.sh"

mkdir -p "$making"
trap 'rm -rf "$making"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file="$making/database.dump" "$url"
# Without what belongs to this machine or this moment, and without the list of erasures: it is kept
# apart, and an old one is never put back.
tar -C "$data" -cf "$making/documents.tar" \
    --exclude=./static --exclude=./broker --exclude=./run --exclude=./logs \
    --exclude=./MAINTENANCE --exclude=./erasures.jsonl .
(cd "$making" && sha256sum database.dump documents.tar >SHA256SUMS && sha256sum -c --quiet SHA256SUMS)
pg_restore --list "$making/database.dump" >/dev/null
mv "$making" "$target/$name"
trap - EXIT
if [ -f "$data/erasures.jsonl" ]; then
    # The newest list only, beside the backups: the restored database needs it.
    cp "$data/erasures.jsonl" "$target/erasures.jsonl.new"
    mv "$target/erasures.jsonl.new" "$target/erasures.jsonl"
fi
# Names sort by time; the age of a folder's own date is not trusted.
limit=$(date -u -d "-$days days" +%Y-%m-%dT%H%M%SZ)
for old in "$target"/portal-*; do
    [ -d "$old" ] || continue
    if expr "${old##*/portal-}" \< "$limit" >/dev/null; then rm -rf "$old"; fi
done
echo "$target/$name"
