"""One citizen's visit: the only place personal data lives; wiped at its end.

A visit asks the screen, remembers what was answered and read, and so lets a journey run again from
its top when the citizen goes back: answers up to the previous question come from memory, and a
replay that asks something else drops the rest.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar, cast

from kiosk import timing
from kiosk.backends.contract import Answer, BackendFailure, Reply
from kiosk.counter import Counter
from kiosk.texts import Text, msg
from kiosk.views import Back, Choose, Chosen, Exit, Filled, Form, MoreTime, Progress, Steps, View

A = TypeVar("A")
T = TypeVar("T")
P = ParamSpec("P")

Explain = Callable[["Visit", BackendFailure], Awaitable[None]]
"""Tells the citizen of a failure; returns to try again, or raises `Leave`."""


class Rewind(Exception):
    """The citizen went back: the journey runs again without its last answer."""


class Leave(Exception):
    """The item ends here: `how` is exit, idle, or the code of the trouble that ended it.

    `home` is true where the citizen goes on to another item.
    """

    def __init__(self, how: str, home: bool = False) -> None:
        super().__init__(how)
        self.how = how
        self.home = home


@dataclass(slots=True)
class _Remembered:
    key: object
    value: Any
    answered: bool

    def __repr__(self) -> str:
        return "_Remembered(***)"


class Visit:
    """One citizen performing one item, from its guide to its end."""

    def __init__(self, counter: Counter, item_id: str, explain: Explain) -> None:
        self.id = secrets.token_hex(8)
        self.counter = counter
        self.item_id = item_id
        self.steps: tuple[Text, ...] = ()
        self.committed = False
        self.without_slip = False
        self.without_document = False
        self.card_shown = False
        self.pages_out = 0
        self.aside: dict[object, Any] = {}
        """What Back does not forget: a code that is on the citizen's phone already."""
        self._explain = explain
        self._memory: list[_Remembered] = []
        self._cursor = 0
        self._dropped: _Remembered | None = None
        self._step = 0

    def __repr__(self) -> str:
        return f"Visit({self.id})"

    # --- memory --------------------------------------------------------------------------------

    def start_over(self) -> None:
        """Let the journey run from its top, with what is remembered."""
        self._cursor = 0
        self._step = 0

    def go_back(self) -> bool:
        """Forget the last answer and all that followed it; False where there is none."""
        for index in range(len(self._memory) - 1, -1, -1):
            if self._memory[index].answered:
                self._dropped = self._memory[index]
                del self._memory[index:]
                return True
        return False

    async def recall(
        self, key: object, produce: Callable[[], Awaitable[T]], *, answered: bool
    ) -> T:
        """The remembered value of `key`, else what `produce` brings, remembered from now on.

        `answered` marks what Back returns to: a question, not a reading.
        """
        if self._cursor < len(self._memory):
            held = self._memory[self._cursor]
            if held.key == key:
                self._cursor += 1
                value: T = held.value
                return value
            del self._memory[self._cursor :]
        value = await produce()
        self._memory.append(_Remembered(key, value, answered))
        self._cursor = len(self._memory)
        return value

    def commit(self) -> None:
        """From here on nothing can be taken back: a payment is shown, a request is filed."""
        self.committed = True
        self._dropped = None

    def close(self) -> None:
        """Forget the citizen."""
        self._memory.clear()
        self.aside.clear()
        self._dropped = None
        self._cursor = 0

    # --- the way through the item --------------------------------------------------------------

    def at(self, step: int) -> Steps | None:
        """The progress bar with `step` (from 0) as the current one."""
        self._step = step
        return self.here

    @property
    def here(self) -> Steps | None:
        """The progress bar as it stands."""
        return Steps(self.steps, self._step) if self.steps else None

    # --- asking --------------------------------------------------------------------------------

    async def ask(self, view: View[A]) -> A:
        """The citizen's answer to `view`, remembered. Raises Rewind and Leave."""
        return await self.recall(view.key, lambda: self.ask_now(view), answered=True)

    async def ask_now(self, view: View[A], idle_s: float | None = None) -> A:
        """The answer to `view`, asked whether or not it was asked before."""
        view = self._fitted(view)
        asked = asyncio.ensure_future(self.counter.stage.ask(view))
        try:
            await self._until_answered(asked, idle_s or self.counter.timing.idle_s)
            return self._turn(asked.result())
        finally:
            await _finished(asked)

    async def race(
        self, view: View[A], event: Coroutine[Any, Any, T], idle_s: float | None = None
    ) -> A | T:
        """Ask `view` while waiting for `event`; the first of the two wins, the other is cancelled.

        The event is given time to leave its device at rest. Idle time counts only with `idle_s`.
        """
        asked = asyncio.ensure_future(self.counter.stage.ask(self._fitted(view)))
        waited = asyncio.ensure_future(event)
        try:
            await self._until_answered(asked, idle_s, waited)
            if waited.done():
                return waited.result()
            return self._turn(asked.result())
        finally:
            await _finished(waited)
            await _finished(asked)

    async def _until_answered(
        self,
        asked: asyncio.Future[Any],
        idle_s: float | None,
        waited: asyncio.Future[Any] | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        futures = {asked} if waited is None else {asked, waited}
        while True:
            left = None
            if idle_s is not None:
                left = max(begun, self.counter.stage.last_touch) + idle_s - loop.time()
            if left is not None and left <= 0:
                await self.more_time()
                begun = loop.time()
                continue
            done, _ = await asyncio.wait(futures, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if done:
                return

    async def more_time(self) -> None:
        """Ask whether the citizen is still there. Raises Leave("idle") where nobody is."""
        seconds = self.counter.timing.more_time_s
        view = MoreTime(key="more_time", seconds=int(seconds))
        try:
            answer = await asyncio.wait_for(self.counter.stage.ask(view), seconds)
        except TimeoutError:
            answer = Chosen("end")
        if answer != Chosen("more"):
            raise Leave("idle")

    def _fitted(self, view: View[A]) -> View[A]:
        if self.committed and view.back:
            view = replace(view, back=False)
        dropped = self._dropped
        if dropped is None or dropped.key != view.key:
            return view
        self._dropped = None
        if isinstance(view, Choose) and isinstance(dropped.value, Chosen):
            return cast("View[A]", replace(view, chosen=dropped.value.id))
        if isinstance(view, Form) and isinstance(dropped.value, Filled):
            given = dict(dropped.value.values)
            fields = tuple(replace(field, value=given.get(field.name, "")) for field in view.fields)
            return cast("View[A]", replace(view, fields=fields))
        return view

    @staticmethod
    def _turn(answer: A | Back | Exit) -> A:
        if isinstance(answer, Back):
            raise Rewind
        if isinstance(answer, Exit):
            raise Leave("exit")
        return answer

    # --- waiting for work ----------------------------------------------------------------------

    async def call(self, function: Callable[P, Reply[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read something at a department, remembered within the visit.

        A failure is explained to the citizen, who tries again or leaves (raises Leave).
        """
        key = (function.__qualname__, args, tuple(sorted(kwargs.items())))
        return await self.recall(
            key, lambda: self._fetch(lambda: function(*args, **kwargs)), answered=False
        )

    async def _fetch(self, ask: Callable[[], Reply[T]]) -> T:
        while True:
            reply = await self.patiently(self.counter.calls.run(ask), "progress.fetching")
            if isinstance(reply, Answer):
                return reply.value
            await self._explain(self, reply)

    async def patiently(
        self, work: Coroutine[Any, Any, T], doing: str, waiting_for: Text | None = None
    ) -> T:
        """Await `work`, saying so from 1 s on; Exit works throughout (raises Leave).

        `doing` is the key of the sentence that says what is happening; `waiting_for` at whom.
        """
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=timing.PROGRESS_AFTER_S)
            if not task.done():
                view = self.progress(doing, waiting_for)
                asked = asyncio.ensure_future(self.counter.stage.ask(view))
                try:
                    await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
                    if not task.done():
                        self._turn(asked.result())
                finally:
                    await _finished(asked)
            return await task
        finally:
            await _finished(task)

    def progress(self, doing: str, waiting_for: Text | None = None, leave: bool = True) -> Progress:
        """The words of a wait."""
        return Progress(
            key=doing,
            steps=self.here,
            back=False,
            leave=leave,
            doing=msg(doing),
            waiting_for=waiting_for or msg("progress.department"),
            patience=msg("progress.patience"),
        )


async def _finished(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
