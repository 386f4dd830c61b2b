"""TCP ports that stay a simulated device's own while nobody listens on them."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def reserved(port: int = 0) -> socket.socket:
    """Hold a port of this machine, any free one for 0, until the returned socket is closed.

    Whoever sets SO_REUSEADDR can listen on it by its number; while nobody does, connections are
    refused. Nobody else is given it meanwhile, and no connection begins at it and so reaches itself
    (socket(7), tcp(7)). Raises OSError for a port that is taken.
    """
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((HOST, port))
    except OSError:
        held.close()
        raise
    return held
