"""Real servers for the tests: PostgreSQL, Redis and a browser, found or started on the spot.

Nothing here is a substitute: the pinned wheels carry the real binaries, and the system's come
second. `python -m tests.servers.with_servers COMMAND` runs any command beside them.
"""
