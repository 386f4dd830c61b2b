"""大数据: electronic licences, and the second proof of identity."""

from __future__ import annotations

from kiosk.backends.client import Client


class DataBureauClient(Client):
    """Electronic licences, and the second proof of identity, over HTTP."""
