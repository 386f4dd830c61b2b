"""The conversations that perform the items: one module a family, each journey a linear coroutine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kiosk.catalogue import Item
from kiosk.journeys import declared, invoice, pension
from kiosk.visit import Visit

Journey = Callable[[Visit, Item], Awaitable[None]]

JOURNEYS: dict[str, Journey] = {
    "resident-pension-pay": pension.pay_resident_pension,
    "declared": declared.perform_declared,
    "e-invoice-pickup": invoice.pick_up_invoice,
}
"""The journey of each `journey` named in config/services/*.toml."""
