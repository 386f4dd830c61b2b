"""发改信用: published licences and penalties."""

from __future__ import annotations

from kiosk.backends.client import Client


class CreditPublicityClient(Client):
    """Published licences and penalties, over HTTP."""
