"""The citizen shows who they are: the ID card, read from its chip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from devices.idcard.record import IdCard
from devices.status import Failed, Fault, Ok, Outcome
from kiosk.backends.contract import Person
from kiosk.steps.second_proof import second_proof
from kiosk.steps.trouble import device_trouble, tell
from kiosk.texts import Text, msg
from kiosk.views import PlaceCard
from kiosk.visit import Visit

LIFT_AND_RETRY = (
    "card.lift_and_retry",
    "card.removed",
    "card.read_failed",
    "card.rejects_module",
)
"""Faults that a citizen mends by lifting the card and laying it again."""

NOT_ACCEPTED = (
    "card.unreadable",
    "card.unknown_type",
    "card.not_authentic",
    "card.unverified",
    "card.no_content",
)


CARD, CARD_AND_SECOND = 2, 3
"""Proofs of an item (SERVICES.md): the card read from its chip, and that with a second proof."""


async def identify(visit: Visit, proof: int = CARD) -> Person:
    """The person of the card on the reader, asked once a visit; with a second proof where `proof` wants
    one. Raises Leave and Rewind."""
    person = await visit.recall("identify", lambda: _read(visit), answered=True)
    return await second_proof(visit, person) if proof == CARD_AND_SECOND else person


async def read_card(
    visit: Visit, view: Callable[[Text | None], PlaceCard], *, expired_will_do: bool = False
) -> IdCard:
    """The card that is laid now, asked for by `view` with what was wrong with the last try until one is
    read. Raises Leave and Rewind."""
    trouble: Text | None = None
    while True:
        result = await visit.race(
            view(trouble), visit.counter.reader.read_card(visit.counter.timing.identify_s)
        )
        match result:
            case Ok(value=IdCard() as card):
                if expired_will_do or not _expired(card, visit.counter.now().date()):
                    return card
                visit.card_shown = True  # the refused one is to be taken back too
                trouble = msg("identify.expired")
            case Failed(outcome=Outcome.TIMEOUT):
                await visit.more_time()
                trouble = None
            case Failed(fault=Fault(code=code)) if code in LIFT_AND_RETRY:
                trouble = msg("identify.lift_and_retry")
            case Failed(fault=Fault(code=code)) if code in NOT_ACCEPTED:
                trouble = msg("identify.not_accepted")
            case Failed(fault=fault):
                await tell(visit, device_trouble(visit, "trouble.reader", fault))


async def _read(visit: Visit) -> Person:
    card = await read_card(visit, partial(_view, visit))
    visit.card_shown = True
    return Person(card.name, card.id_number)


def _expired(card: IdCard, today: date) -> bool:
    return card.valid_to is not None and card.valid_to < today


def _view(visit: Visit, trouble: Text | None) -> PlaceCard:
    return PlaceCard(
        key="identify",
        steps=visit.at(0),
        title=msg("identify.title"),
        subtitle=msg("identify.subtitle"),
        seconds=int(visit.counter.timing.identify_s),
        privacy=msg("identify.privacy"),
        trouble=trouble,
    )
