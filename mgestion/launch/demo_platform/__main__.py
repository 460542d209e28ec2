"""Serves the platform until it is stopped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mgestion.launch.demo_platform.portal import Portal
from mgestion.launch.demo_platform.server import HOST, PlatformServer


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="demo_platform", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--portal", required=True, help="the portal's address, without a path")
    parser.add_argument("--token-file", type=Path, required=True, help="the key to its API")
    chosen = parser.parse_args(arguments)
    token = chosen.token_file.read_text(encoding="ascii").strip()
    service = f"http://{HOST}:{chosen.port}/connexion"
    try:
        server = PlatformServer(chosen.port, Portal(chosen.portal, service, token))
    except OSError as trouble:
        sys.stderr.write(f"Port {chosen.port} cannot be used: {trouble.strerror}.\n")
        return 1
    with server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
