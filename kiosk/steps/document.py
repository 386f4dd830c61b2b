"""A department's sealed document: fetched, checked, looked at page by page, printed or taken along."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from devices.printer.preview import EncryptedPdf, NotPdf, count_pages, draw
from kiosk.backends.client import Client
from kiosk.backends.contract import Answer, SealedDocument
from kiosk.hardware import works
from kiosk.log import log
from kiosk.pdf_content import holds_more_than_pages
from kiosk.seal import Seal
from kiosk.steps.printing import GO_ON_WITHOUT, print_pages, take_document_away
from kiosk.steps.trouble import AGAIN, OTHER, backend_trouble, tell
from kiosk.texts import Plain, Yuan, msg
from kiosk.views import Chosen, DocumentPages, Option, Picture, Section, Snapshot, Tone, Trouble
from kiosk.visit import Visit

PREVIEW_WIDTH_PX = 960
"""A page as wide as the portrait screen between its gutters (SCREENS.md: 1080)."""

PAGES_DRAWN = 3
"""Pages kept as pictures, 4 MB each: the one on screen and its neighbours. The others are drawn when they
are turned to, within some 10 to 40 ms."""

DIGEST, NOT_PDF, PAGES = "document.digest", "document.not_pdf", "document.pages"
ENCRYPTED, ACTIVE = "document.encrypted", "document.active"
"""What is wrong with a document besides its seal (kiosk/seal.py)."""


async def take_document(
    visit: Visit, client: Client, sealed: SealedDocument, standing: Section | None = None
) -> bool:
    """Have `sealed` looked at, and printed or taken along; whether all of it came out on paper.

    `standing` is what stays true whatever becomes of the document, where something was paid or filed for
    it: then the citizen goes on without it rather than leaves. Raises Rewind and Leave.
    """
    return await _Taking(visit, client, sealed, standing).until_taken()


class _Taking:
    def __init__(
        self, visit: Visit, client: Client, sealed: SealedDocument, standing: Section | None
    ) -> None:
        self.visit = visit
        self.client = client
        self.sealed = sealed
        self.standing = standing

    async def until_taken(self) -> bool:
        visit = self.visit
        genuine = await visit.recall(
            ("document", self.sealed.path), self._until_genuine, answered=False
        )
        if genuine is None:
            return False
        pdf, seal = genuine
        printer = None if visit.without_document else visit.counter.documents
        prints = printer is not None and works(printer)
        chosen = await visit.ask(self._view(pdf, seal, prints))
        if chosen.id == "print" and printer is not None:
            return await print_pages(visit, printer, self.sealed, pdf, self.standing)
        if chosen.id == "take_away":
            await take_document_away(visit, self.sealed.link)
        return False

    def _view(self, pdf: bytes, seal: Seal, prints: bool) -> DocumentPages:
        sealed = self.sealed
        away = Option(id="take_away", title=msg("document.take_away"), picture=Picture.SCAN)
        paper = Option(id="print", title=msg("document.print"), picture=Picture.PRINTER)
        actions = ((away,) if sealed.link else ()) + ((paper,) if prints else ())
        return DocumentPages(
            key="document.pages",
            steps=self.visit.here,
            title=Plain(sealed.title),
            subtitle=msg("document.pages", count=sealed.pages),
            pages=DrawnPages(pdf, sealed.pages),
            seal=msg("document.sealed_by", signer=seal.signer, code=sealed.check_code),
            fee=msg("document.fee", amount=Yuan(sealed.fee_fen)) if sealed.fee_fen else None,
            notice=None if prints else msg("notice.without.document_printer"),
            actions=actions or (Option(id="take", title=msg("option.next")),),
        )

    # --- fetched and checked -----------------------------------------------------------------------

    async def _until_genuine(self) -> tuple[bytes, Seal] | None:
        """The document and its seal; None where the citizen goes on without it."""
        visit = self.visit
        while True:
            reply = await visit.patiently(
                visit.counter.calls.run(self.client.document, self.sealed), "progress.fetching"
            )
            if isinstance(reply, Answer):
                pdf: bytes = reply.value
                found = await visit.patiently(
                    asyncio.to_thread(self._checked, pdf), "document.opening"
                )
                if isinstance(found, Seal):
                    return pdf, found
                log("document.refused", code=found)
                trouble = self._refused(found)
            else:
                trouble = backend_trouble(visit, reply)
            if not await self._again(trouble):
                return None

    def _checked(self, pdf: bytes) -> Seal | str:
        """The document's seal, or the code of what is wrong with it."""
        if hashlib.sha256(pdf).hexdigest() != self.sealed.sha256:
            return DIGEST
        try:
            pages = count_pages(pdf)
        except NotPdf:
            return NOT_PDF
        except EncryptedPdf:
            return ENCRYPTED
        if pages != self.sealed.pages:
            return PAGES
        counter = self.visit.counter
        found = counter.seals.check(pdf, counter.now())
        if not isinstance(found, Seal):
            return found.value
        return ACTIVE if holds_more_than_pages(pdf) else found

    def _refused(self, code: str) -> Trouble:
        return Trouble(
            key=f"trouble.{code}",
            steps=self.visit.here,
            headline=msg("document.refused"),
            cause=msg(f"document.refused.{code.removeprefix('document.')}"),
            tone=Tone.WARNING,
            standing=Section(msg("trouble.nothing_charged"), ()),
            options=(AGAIN, OTHER),
            code=code,
            primary=msg("option.end"),
        )

    async def _again(self, trouble: Trouble) -> bool:
        """Whether to try once more. Raises Leave where nothing is at stake and the citizen ends."""
        if self.standing is None:
            await tell(self.visit, trouble)
            return True
        view = replace(
            trouble, standing=self.standing, options=(AGAIN,), primary=msg(GO_ON_WITHOUT)
        )
        answer = await self.visit.ask_now(view, self.visit.counter.timing.trouble_s)
        return answer == Chosen(AGAIN.id)


class DrawnPages(Sequence[Snapshot]):
    """A document's pages as pictures, each drawn when it is looked at: sixty at once would take 230 MB."""

    def __init__(self, pdf: bytes, count: int, width_px: int = PREVIEW_WIDTH_PX) -> None:
        self._pdf = pdf
        self._count = count
        self._width_px = width_px
        self._drawn: OrderedDict[int, Snapshot] = OrderedDict()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Snapshot: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Snapshot, ...]: ...

    def __getitem__(self, place: int | slice) -> Snapshot | tuple[Snapshot, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(self._count)))
        page = place + self._count if place < 0 else place
        if not 0 <= page < self._count:
            raise IndexError(place)
        if page not in self._drawn:
            picture = draw(self._pdf, page, self._width_px)
            self._drawn[page] = Snapshot(picture.width, picture.height, picture.rgb)
        self._drawn.move_to_end(page)
        while len(self._drawn) > PAGES_DRAWN:
            self._drawn.popitem(last=False)
        return self._drawn[page]

    def __repr__(self) -> str:
        return f"DrawnPages({self._count})"
