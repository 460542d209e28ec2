"""Runs the platform until it is killed."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main() -> None:
    port, cas_url, database = sys.argv[1:4]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.cas.relying_party.settings"
    os.environ["RELYING_PARTY_CAS"] = cas_url
    os.environ["RELYING_PARTY_DATABASE"] = database
    import django
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    with make_server("127.0.0.1", int(port), get_wsgi_application(), server_class=Server) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
