# Read by backup.sh and restore.sh. Takes the password out of `$url`: arguments show in the list of
# processes, PGPASSWORD does not.
account=
case $url in
*://*)
    rest=${url#*://}
    server=${rest%%/*} # an @ after the first / belongs to no account
    case $server in *@*) account=${server%%@*} ;; esac
    ;;
esac
case $url in
*password=*) echo "DATABASE_URL: only user:password@host keeps the password out of ps." >&2 ;;
esac
case $account in
*:*)
    # Percent signs stand for bytes in an address, and for themselves in a password.
    PGPASSWORD=$(printf %s "${account#*:}" | LC_ALL=C awk '{
        hex = "0123456789ABCDEF"
        text = toupper($0)
        while (match(text, /%[0-9A-F][0-9A-F]/)) {
            byte = 16 * index(hex, substr(text, RSTART + 1, 1)) + index(hex, substr(text, RSTART + 2, 1)) - 17
            printf "%s%c", substr($0, 1, RSTART - 1), byte
            $0 = substr($0, RSTART + 3)
            text = substr(text, RSTART + 3)
        }
        printf "%s", $0
    }')
    export PGPASSWORD
    url=${url%%://*}://${account%%:*}@${rest#*@}
    # The programs that are called need it no more.
    unset DATABASE_URL
    ;;
esac
