"""Another person's card laid on the reader while somebody is at the terminal: a member of the family."""

from __future__ import annotations

from kiosk.backends.contract import Person
from kiosk.steps.identify import read_card
from kiosk.texts import Text, msg
from kiosk.views import PlaceCard
from kiosk.visit import Visit


async def read_family_card(visit: Visit, key: str) -> Person:
    """The person of the card that is laid now, asked once a visit for `key`. An expired card will do: it
    only names who is paid for. Raises Leave and Rewind."""
    return await visit.recall(key, lambda: _read(visit, key), answered=True)


async def _read(visit: Visit, key: str) -> Person:
    def view(trouble: Text | None) -> PlaceCard:
        return PlaceCard(
            key=key,
            steps=visit.here,
            title=msg("medical.card"),
            subtitle=msg("medical.card.hint"),
            seconds=int(visit.counter.timing.identify_s),
            privacy=msg("identify.privacy"),
            trouble=trouble,
        )

    card = await read_card(visit, view, expired_will_do=True)
    return Person(card.name, card.id_number)
