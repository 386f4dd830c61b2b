"""Another person's card laid on the reader while somebody is at the terminal: a member of the family."""

from __future__ import annotations

from devices.idcard.record import IdCard
from devices.status import Failed, Fault, Ok, Outcome
from kiosk.backends.contract import Person
from kiosk.steps.identify import LIFT_AND_RETRY, NOT_ACCEPTED
from kiosk.steps.trouble import device_trouble, tell
from kiosk.texts import Text, msg
from kiosk.views import PlaceCard
from kiosk.visit import Visit


async def read_family_card(visit: Visit, key: str) -> Person:
    """The person of the card that is laid now, asked once a visit for `key`. An expired card will do: it
    only names who is paid for. Raises Leave and Rewind."""
    return await visit.recall(key, lambda: _read(visit, key), answered=True)


async def _read(visit: Visit, key: str) -> Person:
    trouble: Text | None = None
    while True:
        seconds = visit.counter.timing.identify_s
        view = PlaceCard(
            key=key,
            steps=visit.here,
            title=msg("medical.card"),
            subtitle=msg("medical.card.hint"),
            seconds=int(seconds),
            privacy=msg("identify.privacy"),
            trouble=trouble,
        )
        match await visit.race(view, visit.counter.reader.read_card(seconds)):
            case Ok(value=IdCard() as card):
                return Person(card.name, card.id_number)
            case Failed(outcome=Outcome.TIMEOUT):
                await visit.more_time()
                trouble = None
            case Failed(fault=Fault(code=code)) if code in LIFT_AND_RETRY:
                trouble = msg("identify.lift_and_retry")
            case Failed(fault=Fault(code=code)) if code in NOT_ACCEPTED:
                trouble = msg("identify.not_accepted")
            case Failed(fault=fault):
                await tell(visit, device_trouble(visit, "trouble.reader", fault))
