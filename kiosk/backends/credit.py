"""人民银行征信: credit reports."""

from __future__ import annotations

from kiosk.backends.client import CashierClient


class CreditCentreClient(CashierClient):
    """Credit reports, over HTTP."""
