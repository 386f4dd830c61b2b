"""医保: resident medical insurance and vouchers."""

from __future__ import annotations

from kiosk.backends.client import CashierClient


class MedicalInsuranceClient(CashierClient):
    """Resident medical insurance and vouchers, over HTTP."""
