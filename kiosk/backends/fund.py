"""公积金: the housing provident fund."""

from __future__ import annotations

from kiosk.backends.client import Client


class ProvidentFundClient(Client):
    """The housing provident fund, over HTTP."""
