"""Checks of the TCP port, before anything else."""

import errno
import socket

from mgestion.launch.trouble import LaunchError

HOST = "127.0.0.1"
NEAR = 20


def parse_port(text: str) -> int:
    """A TCP port from the command line. Raises LaunchError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LaunchError(f"PORT={text!r} is not a port: choose a number from 1 to 65535.")
    return int(text)


def check_free(port: int) -> None:
    """Raises LaunchError when this process cannot listen on the port."""
    trouble = _try_to_listen(port)
    if trouble is None:
        return
    if trouble.errno == errno.EACCES:
        words = f"Port {port} is reserved to root."
    elif trouble.errno == errno.EADDRINUSE:
        words = f"Port {port} is already in use (is the portal already running?)."
    else:
        words = f"Port {port} cannot be used: {trouble.strerror}."
    raise LaunchError(f"{words} Choose another: make run PORT={_suggest_port(port)}")


def choose_platform_port(port: int) -> int:
    """The port of the demo's second platform: the first free one after the portal's. Raises
    LaunchError.
    """
    near: list[int] = [
        *range(port + 1, min(port + NEAR, 65535) + 1),
        *range(port - 1, port - NEAR, -1),
    ]
    for candidate in near:
        if candidate > 0 and _try_to_listen(candidate) is None:
            return candidate
    raise LaunchError(
        f"The demo's second platform needs a free port near {port}, and there is none. "
        f"Choose another: make run PORT={_suggest_port(port + NEAR)}"
    )


def _try_to_listen(port: int) -> OSError | None:
    """With SO_REUSEADDR, like the servers: recently closed connections do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as trouble:
            return trouble
    return None


def _suggest_port(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8001
