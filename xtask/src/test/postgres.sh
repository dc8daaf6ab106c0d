# Keeps one PostgreSQL running until standard input closes. Arguments: directory of its programs, port.
# Prints "ready" when it takes connections; anything that goes wrong goes to standard error.
set -eu
programs=$1
port=$2
directory=$(mktemp -d "${TMPDIR:-/tmp}/usher-postgres.XXXXXX")

stop() {
    if [ -f "$directory/data/postmaster.pid" ]; then
        # Immediately: nothing in it is kept. pg_ctl signals the process that postmaster.pid names, and waits.
        "$programs/pg_ctl" --pgdata="$directory/data" --mode=immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$directory"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

"$programs/initdb" --pgdata="$directory/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C \
    --no-sync >"$directory/initdb.log" 2>&1 || { cat "$directory/initdb.log" >&2; exit 1; }

cat >>"$directory/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
CONF

"$programs/pg_ctl" --pgdata="$directory/data" --log="$directory/server.log" --wait start >/dev/null 2>&1 ||
    { cat "$directory/server.log" >&2; exit 1; }

echo ready
read -r _ || true
