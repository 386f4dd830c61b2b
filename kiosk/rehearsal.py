"""A person made of script, who performs one item at the real screen by touch, start to end.

`kiosk visit` and `make run` without a display use it; so do tests of the whole program. The person
knows only what a person sees: the view on screen, what can be touched on it, the simulated devices
in front of them, and the phone in their hand.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kiosk.texts import Msg
from kiosk.typist import CannotType, Typist, right_value
from kiosk.views import (
    AssistanceCall,
    Attract,
    Choose,
    Consent,
    DocumentPages,
    EnterCode,
    FaceCamera,
    Finished,
    Form,
    Guide,
    Home,
    MoreTime,
    OpenCompartment,
    OutOfService,
    Pay,
    PayMode,
    PlaceCard,
    Printing,
    Progress,
    Record,
    Review,
    ScanOrType,
    Search,
    Sign,
    TakeAway,
    Trouble,
    View,
)

LOOKS_AGAIN_S = 0.05
"""How often the person looks whether the screen changed."""

VISIT_WITHIN_S = 240.0
"""Nobody stands longer than this at one item; a visit that does not end is a failure to be told."""

OFFERED_WITHIN_S = 12.0
"""A terminal that has just started connects to its devices within this; then grey means grey."""

CHANNELS = ("wechat", "alipay", "unionpay")

DEFAULTS: Mapping[str, str] = {
    "pay": "show:wechat",
    "rating": "very_good",
    "print.trouble": "refill",
    "document.trouble": "refill",
    "search": "yang",
    "credit-publicity.find.words": "乳山",
    "check.code": "sample:invoice",
    "pickup.code": "sample:pickup",
    "licence.code": "sample:presentation",
    "business-licence.code": "sample:business_licence",
    "credit.code": "sample:credit_code",
    "property-certificate-check.code": "sample:certificate",
    "registration-fee.notice": "sample:registration_fee",
    "registration-progress.acceptance_no": "sample:registration",
    "case.number": "sample:case",
}
"""What the person answers where `--answer` says nothing. Elsewhere: the preselected or the first."""


HOW = ("type", "hold", "sample")
"""What may stand before a number, with a colon: how it is given, or that it is one of the sandbox's."""

SIGNATURE = (
    ((0.22, 0.62), (0.30, 0.66), (0.38, 0.63), (0.46, 0.68)),
    ((0.34, 0.80), (0.33, 0.62), (0.30, 0.44), (0.24, 0.28)),
    ((0.52, 0.72), (0.60, 0.74), (0.70, 0.70), (0.62, 0.52), (0.54, 0.34), (0.72, 0.30)),
)
"""What the person writes where a signature is wanted: strokes in shares of the field."""


class Hands(Protocol):
    """The person's eyes and hands at the screen; `screens.hands` fulfils it by real touch events."""

    @property
    def view(self) -> View[Any] | None:
        """The topmost view on screen."""
        ...

    async def touch(self, target: str, on: View[Any] | None = None) -> bool:
        """Touch what is called `target` ("primary", "option:<id>", "tile:<item>"), while `on` is still
        the topmost view; whether it was. Raises LookupError where nothing of that name is there."""
        ...

    def roles(self) -> list[str]:
        """What can be touched now."""
        ...

    async def draw(
        self, strokes: Sequence[Sequence[tuple[float, float]]], on: View[Any] | None = None
    ) -> bool:
        """Draw on the field to sign on, in shares of it, while `on` is still the topmost view."""
        ...

    def shot(self, path: Path) -> None:
        """A picture of the screen as PNG without metadata."""
        ...


class World(Protocol):
    """What the person does beside the screen: the card, the phone, the paper."""

    async def lay_card(self, card: str) -> None: ...

    async def take_card(self) -> None: ...

    async def pay_shown_code(self, code_url: str, channel: str) -> None: ...

    async def hold_payment_code(self, channel: str) -> None: ...

    async def hold_code(self, text: str) -> None: ...

    async def last_code(self) -> str: ...

    async def sample(self, kind: str) -> str: ...

    async def refill_paper(self) -> None: ...

    async def clear_documents(self) -> None: ...

    async def take_from_compartment(self, number: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Script:
    """What the person came for: the item, the card, the answers, where pictures go."""

    item: str
    card: str
    answers: Mapping[str, str] = field(default_factory=dict)
    shots: Path | None = None

    def answer(self, key: str) -> str | None:
        """What is answered to the view `key`, by its whole key or its last part."""
        for name in (key, key.rpartition(".")[2]):
            if name in self.answers:
                return self.answers[name]
        return DEFAULTS.get(key)


class Stuck(Exception):
    """The person does not know how to go on; the message says where and why."""


class Unoffered(Exception):
    """The home screen does not offer the item; the message is the tile's reason."""


class Person:
    """Performs a script. `screens` names the views met, in their order."""

    def __init__(self, hands: Hands, world: World, script: Script) -> None:
        self.screens: list[str] = []
        self.troubles: list[str] = []
        self._hands = hands
        self._world = world
        self._script = script
        self._greyed_since = 0.0
        self._card_lies = False
        self._paid_codes: set[str] = set()
        self._taken_along = False
        self._typist = Typist(hands, script.card)
        self._act: dict[type[View[Any]], Callable[[Any], Awaitable[bool]]] = {
            Attract: self._attract,
            Home: self._home,
            Guide: self._guide,
            Review: self._primary,
            PlaceCard: self._place_card,
            Choose: self._choose,
            Form: self._form,
            ScanOrType: self._scan_or_type,
            EnterCode: self._enter_code,
            Pay: self._pay,
            Progress: self._wait,
            Record: self._actions,
            TakeAway: self._primary,
            DocumentPages: self._actions,
            Printing: self._wait,
            Consent: self._consent,
            Sign: self._sign,
            FaceCamera: self._wait,
            OpenCompartment: self._compartment,
            Search: self._search,
            Finished: self._finished,
            Trouble: self._trouble,
            MoreTime: self._more_time,
            AssistanceCall: self._primary,
            OutOfService: self._primary,
        }

    async def perform(self, ended: asyncio.Event) -> None:
        """Go on until `ended` is set (the item ended). Raises Stuck."""
        acted_on: View[Any] | None = None
        try:
            async with asyncio.timeout(VISIT_WITHIN_S):
                while not ended.is_set():
                    view = self._hands.view
                    if view is not None and view is not acted_on:
                        self._look(view)
                        acted_on = view if await self._act[type(view)](view) else None
                    await _sooner(ended, LOOKS_AGAIN_S)
        except TimeoutError:
            raise Stuck(f"nothing more happens at {' > '.join(self.screens[-3:])}") from None

    def _look(self, view: View[Any]) -> None:
        if self.screens and self.screens[-1] == view.key:
            return
        self.screens.append(view.key)
        if self._script.shots is not None:
            name = re.sub(r"[^0-9a-z_]+", "-", view.key.lower())
            self._hands.shot(self._script.shots / f"{len(self.screens):02d}-{name}.png")

    # --- one answer for each kind of view; True once the person is done with that view -----------

    async def _attract(self, view: Attract) -> bool:
        return await self._hands.touch("anywhere", view)

    async def _home(self, view: Home) -> bool:
        tile = next((tile for tile in view.tiles if tile.item == self._script.item), None)
        if tile is None:
            raise Stuck(f"the home screen offers no {self._script.item}")
        if not tile.enabled:
            now = asyncio.get_running_loop().time()
            self._greyed_since = self._greyed_since or now
            if now - self._greyed_since > OFFERED_WITHIN_S:
                reason = tile.notice.key if isinstance(tile.notice, Msg) else ""
                raise Unoffered(f"{tile.item}: {reason}")
            return False
        roles = self._hands.roles()
        if f"tile:{tile.item}" not in roles and "category:all" in roles:
            await self._hands.touch("category:all", view)
        return await self._hands.touch(f"tile:{tile.item}", view)

    async def _primary(self, view: View[Any]) -> bool:
        return await self._hands.touch("primary", view)

    async def _wait(self, view: View[Any]) -> bool:
        return True

    async def _place_card(self, view: PlaceCard) -> bool:
        if self._card_lies:
            await self._world.take_card()
        await self._world.lay_card(self._script.card)
        self._card_lies = True
        return True

    async def _choose(self, view: Choose) -> bool:
        wanted = self._script.answer(view.key) or view.chosen or view.options[0].id
        if wanted not in {option.id for option in view.options}:
            offered = ", ".join(option.id for option in view.options)
            raise Stuck(f"{view.key} offers no {wanted!r}, only {offered}")
        if wanted != view.chosen:
            await self._hands.touch(f"option:{wanted}", view)
        return await self._hands.touch("primary", view)

    async def _form(self, view: Form) -> bool:
        return await self._typing(self._typist.fill_in(view, self._script.answer))

    async def _scan_or_type(self, view: ScanOrType) -> bool:
        """Hold the answer before the scanner; type it where that does not help, or after "type:". After
        "sample:" it is a code of the sandbox's, of that kind."""
        given = self._script.answer(view.key) or right_value(view.field, self._script.card)
        how = next((how for how in HOW if given.startswith(f"{how}:")), "")
        number = given.removeprefix(f"{how}:") if how else given
        if how == "sample":
            number = await self._world.sample(number)
        if view.scanner and how != "type" and (how == "hold" or view.trouble is None):
            await self._world.hold_code(number)
            return True
        return await self._typing(self._type_number(view, number))

    async def _type_number(self, view: ScanOrType, number: str) -> bool:
        if "type" in self._hands.roles() and not await self._hands.touch("type", view):
            return False
        typed = await self._typist.type(view, view.field, number, view.field.value)
        return typed and await self._hands.touch("primary", view)

    async def _enter_code(self, view: EnterCode) -> bool:
        code = self._script.answer(view.key) or await self._world.last_code()
        for digit in code:
            if not await self._hands.touch(f"key:{digit}", view):
                return False
        return await self._hands.touch("primary", view)

    async def _typing(self, typing: Awaitable[bool]) -> bool:
        try:
            return await typing
        except CannotType as why:
            raise Stuck(str(why)) from None

    async def _pay(self, view: Pay) -> bool:
        mode, _, channel = (self._script.answer("pay") or "").partition(":")
        channel = channel or CHANNELS[0]
        if mode not in ("show", "scan") or channel not in CHANNELS:
            raise Stuck("pay is answered by show or scan, with :wechat, :alipay or :unionpay")
        if view.mode.value != mode:
            return await self._hands.touch("other_way", view)
        if view.mode is PayMode.SCAN:
            await self._world.hold_payment_code(channel)
        elif view.code and view.code not in self._paid_codes:
            self._paid_codes.add(view.code)
            await self._world.pay_shown_code(view.code, channel)
        return True

    async def _actions(self, view: Record | DocumentPages) -> bool:
        wanted = self._script.answer(view.key) or view.actions[-1].id
        return await self._hands.touch(f"action:{wanted}", view)

    async def _guide(self, view: Guide) -> bool:
        takes = self._script.answer(view.key) == "take" and not self._taken_along
        self._taken_along = self._taken_along or takes
        return await self._hands.touch("take" if takes else "primary", view)

    async def _consent(self, view: Consent) -> bool:
        while "page:next" in self._hands.roles():
            if not await self._hands.touch("page:next", view):
                return False
        return "primary" in self._hands.roles() and await self._hands.touch("primary", view)

    async def _sign(self, view: Sign) -> bool:
        if not await self._hands.draw(SIGNATURE, view):
            return False
        return await self._hands.touch("primary", view)

    async def _compartment(self, view: OpenCompartment) -> bool:
        await self._world.take_from_compartment(view.number)
        return True

    async def _search(self, view: Search) -> bool:
        """Type what is sought, then touch the result that is answered, or the first to be had."""
        text = self._script.answer(view.key) or DEFAULTS["search"]
        if view.text != text:
            if not text.startswith(view.text):
                raise Stuck(f"{view.key} holds {view.text!r} instead of {text!r}")
            return await self._hands.touch(f"key:{text[len(view.text)]}", view)
        found = [tile.item for tile in view.results if tile.enabled]
        wanted = self._script.answer(f"{view.key}.result") or next(iter(found), None)
        if wanted not in found:
            raise Stuck(f"{view.key} finds no {wanted or 'item'} by {text!r}")
        return await self._hands.touch(f"result:{wanted}", view)

    async def _finished(self, view: Finished) -> bool:
        if self._card_lies:
            await self._world.take_card()
            self._card_lies = False
        level = self._script.answer("rating")
        if view.rating is None and level and level != "none":
            return await self._hands.touch(f"rate:{level}", view)
        return await self._hands.touch("primary", view)

    async def _trouble(self, view: Trouble) -> bool:
        self.troubles.append(view.code)
        wanted = self._script.answer(view.key)
        offered = {option.id for option in view.options}
        if wanted == "refill" and "document" in view.key:
            await self._world.clear_documents()
            return "go_on" not in offered or await self._hands.touch("option:go_on", view)
        if wanted == "refill":
            await self._world.refill_paper()
            return True
        target = f"option:{wanted}" if wanted in offered else "primary"
        return await self._hands.touch(target, view)

    async def _more_time(self, view: MoreTime) -> bool:
        return await self._hands.touch("option:more", view)


async def _sooner(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
