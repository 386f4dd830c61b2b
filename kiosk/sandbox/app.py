"""The departments' stand-in as one ASGI application that keeps docs/API.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from kiosk.sandbox import approval, control, documents, pages, problems
from kiosk.sandbox.books import Books, BooksOfAnotherVersion
from kiosk.sandbox.departments import DEPARTMENTS
from kiosk.sandbox.documents_seal import Authority
from kiosk.sandbox.envelope import Envelope
from kiosk.sandbox.faults import Faults
from kiosk.sandbox.seed import seed
from kiosk.sandbox.signatures import Keys
from kiosk.sandbox.window import CHINA, Clock, Sandbox, SandboxClock, china_now
from kiosk.sandbox.wire import Health
from kiosk.sandbox.wire_faults import FaultPoint

BOOKS_FILE = "books.sqlite"

SEALS_DIRECTORY = "seals"

SCHEMA = documents.SCHEMA + "".join(department.SCHEMA for department in DEPARTMENTS)


class Described(FastAPI):
    """The application, whose document also describes the problems that its responses refer to."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"] |= problems.schemas()
        return document


def create_app(
    data: Path | None = None,
    *,
    clock: Clock = china_now,
    speed: float = 1.0,
    public_url: str = "",
    keys: Keys | None = None,
    books: Books | None = None,
) -> FastAPI:
    """The application over the books in `data` (a directory; None keeps them in memory).

    `clock` gives aware times, and the departments' clock runs `speed` times as fast; `public_url` stands
    in links where phones reach it; `keys` make signatures compulsory; `books` are taken in place of those
    in `data`. Books of another version are seeded anew.
    """
    books = books or _books(data)
    own_clock = SandboxClock(clock, speed)
    if books.fresh:
        with books.transaction() as db:
            seed(db, own_clock().astimezone(CHINA).date())
    app = Described(
        title="Departments' sandbox",
        version="1",
        summary="The departments, the payment gateway and the hall, as docs/API.md has them.",
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    authority = Authority(data / SEALS_DIRECTORY if data else None)
    app.state.sandbox = Sandbox(books, own_clock, Faults(), public_url, authority)
    problems.install(app)
    app.router.routes += _addresses().routes
    app.add_middleware(Envelope, keys=keys)
    app.add_middleware(FaultPoint, faults=app.state.sandbox.faults, pause=own_clock.pause)
    return app


@cache
def _addresses() -> APIRouter:
    """What is served where. FastAPI works it out at the first request, for longer than all else takes
    here: once a process is enough, whatever sandboxes are in it."""
    served = APIRouter()
    for department in DEPARTMENTS:
        served.include_router(department.router)
        served.add_api_route(
            f"/{department.DEPARTMENT}/v1/health", _health, tags=[department.DEPARTMENT],
            operation_id=f"{department.DEPARTMENT}_health",
        )  # fmt: skip
    for router in (pages.router, documents.downloads, documents.control, approval.control):
        served.include_router(router)
    served.include_router(control.router)
    return served


def _health() -> Health:
    """Whether the department is there."""
    return Health()


def _books(data: Path | None) -> Books:
    if data is None:
        return Books(":memory:", SCHEMA)
    data.mkdir(parents=True, exist_ok=True)
    path = data / BOOKS_FILE
    try:
        return Books(path, SCHEMA)
    except BooksOfAnotherVersion:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return Books(path, SCHEMA)
