"""The departments as the terminal has them: one client each, by the ids of docs/API.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Self

from requests.adapters import BaseAdapter

from kiosk.backends.approval import ApprovalBureauClient
from kiosk.backends.client import CashierClient, Client
from kiosk.backends.contract import Booking, Reply
from kiosk.backends.credit import CreditCentreClient
from kiosk.backends.data import DataBureauClient
from kiosk.backends.fund import ProvidentFundClient
from kiosk.backends.gateway_client import GatewayClient
from kiosk.backends.hall import HallClient
from kiosk.backends.http import ClosedDoor, Door, HttpDoor
from kiosk.backends.market import MarketRegulationClient
from kiosk.backends.medical import MedicalInsuranceClient
from kiosk.backends.property import PropertyClient
from kiosk.backends.publicity import CreditPublicityClient
from kiosk.backends.settings import Department
from kiosk.backends.social_insurance import SocialInsuranceClient
from kiosk.backends.tax import TaxClient


@dataclass(frozen=True, slots=True)
class Departments:
    """All of them. `where` names them for people."""

    social_insurance: SocialInsuranceClient
    medical: MedicalInsuranceClient
    property: PropertyClient
    tax: TaxClient
    credit: CreditCentreClient
    approval: ApprovalBureauClient
    market: MarketRegulationClient
    fund: ProvidentFundClient
    publicity: CreditPublicityClient
    data: DataBureauClient
    payment: GatewayClient
    hall: HallClient
    where: str = ""

    @classmethod
    def open(
        cls,
        settings: Mapping[str, Department],
        adapter: BaseAdapter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Clients of the departments in `settings` (by id); one that is missing is unreachable. `adapter`
        and `clock` are the door's, for tests.

        Raises OSError and ValueError for a key or certificate file that cannot be used.
        """

        def door(department: str) -> Door:
            given = settings.get(department)
            return HttpDoor(given, adapter, clock) if given else ClosedDoor(department)

        addresses = sorted({given.base_url.partition("//")[2].partition("/")[0]
                            for given in settings.values()})  # fmt: skip
        return cls(
            SocialInsuranceClient(door("social-insurance")),
            MedicalInsuranceClient(door("medical")),
            PropertyClient(door("property")),
            TaxClient(door("tax")),
            CreditCentreClient(door("credit")),
            ApprovalBureauClient(door("approval")),
            MarketRegulationClient(door("market")),
            ProvidentFundClient(door("fund")),
            CreditPublicityClient(door("publicity")),
            DataBureauClient(door("data")),
            GatewayClient(door("payment")),
            HallClient(door("hall")),
            ", ".join(addresses) or "-",
        )

    def of(self, department: str) -> Client:
        """The client of a department's id. Raises KeyError for an id of none."""
        return self.named()[department]

    def named(self) -> dict[str, Client]:
        """Each client by its department's id."""
        return {
            field.name.replace("_", "-"): client
            for field in fields(self)
            if isinstance(client := getattr(self, field.name), Client)
        }

    def cashiers(self) -> dict[str, Callable[..., Reply[Booking]]]:
        """How each department that takes money books a payment."""
        return {
            name: client.book
            for name, client in self.named().items()
            if isinstance(client, CashierClient)
        }

    def pings(self) -> dict[str, Callable[[], Reply[None]]]:
        """One function a department that asks whether it answers."""
        return {name: client.ping for name, client in self.named().items()}

    def close(self) -> None:
        """Give all connections back."""
        for client in self.named().values():
            client.close()
