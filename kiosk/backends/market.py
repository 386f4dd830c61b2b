"""市场监管: business licences."""

from __future__ import annotations

from kiosk.backends.client import Client


class MarketRegulationClient(Client):
    """Business licences, over HTTP."""
