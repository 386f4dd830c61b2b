"""社保卡: how far a card's making is, and the temporary loss by which one that is lost is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from sqlite3 import Connection, Row
from typing import Literal

from fastapi import APIRouter, Response

from kiosk.sandbox import pages
from kiosk.sandbox.books import serial
from kiosk.sandbox.citizens import Citizen
from kiosk.sandbox.idempotency import Key, once
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.social_years import identified
from kiosk.sandbox.window import CHINA, Here, Window
from kiosk.sandbox.wire import Person, PersonQuery, Wire

LOSS_FOR = timedelta(days=7)
"""A loss reported here lapses by itself; for good it is reported at a window."""

CardState = Literal["none", "making", "ready", "active", "lost"]

SCHEMA = """
CREATE TABLE social_cards (
    id_number TEXT PRIMARY KEY REFERENCES citizens, card_no TEXT NOT NULL, bank TEXT NOT NULL,
    applied_on TEXT NOT NULL, made_on TEXT NOT NULL, ready_on TEXT NOT NULL,
    handed_on TEXT NOT NULL);
CREATE TABLE card_losses (
    loss_no TEXT PRIMARY KEY, id_number TEXT NOT NULL REFERENCES social_cards,
    reported_at TEXT NOT NULL, lapses_at TEXT NOT NULL);
"""
"""The steps of a card are "" while they are to come."""

BANKS = ("乳山农商银行", "中国建设银行", "中国工商银行", "中国邮政储蓄银行")

PICK_UP_AT = "乳山市政务服务中心 社保卡窗口"

STEPS_DAYS = (
    ("applied_on", 0),
    ("made_on", 6),
    ("ready_on", 9),
    ("handed_on", 14),
)
"""The steps of a card, and days after the application."""

router = APIRouter()


class CardStanding(Wire):
    """A person's card: its state, the days of its steps ("" while to come), the loss that holds now."""

    state: CardState
    query_no: str
    card_no: str
    bank: str
    applied_on: str
    made_on: str
    ready_on: str
    handed_on: str
    pick_up_at: str
    lost_until: str
    take_away_url: str


class CardLoss(Wire):
    """A loss that was taken: the card is stopped until it lapses."""

    loss_no: str
    card_no: str
    reported_at: str
    lapses_at: str
    take_away_url: str


@router.post(
    "/cards/queries",
    responses=refuses("proof.card_required", "person.unknown", "request.invalid"),
)
def card(here: Here, query: PersonQuery) -> CardStanding:
    """The person's card and how far it is."""
    with here.books.transaction() as db:
        identified(db, query.person)
        number = serial(db, "SBK", here.now())
        row = _card(db, query.person)
        if row is None:
            return _no_card(number)
        loss = _loss(db, query.person, here.now())
        state = _state(row, loss)
        summary = [("查询编号", number), ("社保卡号", row["card_no"]), ("发卡银行", row["bank"])]
        return CardStanding(
            state=state,
            query_no=number,
            card_no=row["card_no"],
            bank=row["bank"],
            applied_on=row["applied_on"],
            made_on=row["made_on"],
            ready_on=row["ready_on"],
            handed_on=row["handed_on"],
            pick_up_at=PICK_UP_AT if state == "ready" else "",
            lost_until=loss["lapses_at"] if loss else "",
            take_away_url=pages.publish(db, here, "社会保障卡进度", summary),
        )


@router.post(
    "/cards/losses",
    status_code=201,
    response_model=CardLoss,
    responses=refuses(
        "idempotency.missing", "proof.card_required", "person.unknown", "card.not_active",
        "card.lost", "idempotency.mismatch", "request.invalid",
    ),
)  # fmt: skip
def report_loss(here: Here, key: Key, query: PersonQuery) -> Response:
    """Stop the person's card for seven days."""
    return once(here, key, query, lambda db: _stop(db, here, query.person), 201)


def _stop(db: Connection, here: Window, person: Person) -> CardLoss:
    identified(db, person)
    now = here.now()
    row = _card(db, person)
    if row is None or not row["handed_on"]:
        raise Problem("card.not_active")
    if _loss(db, person, now) is not None:
        raise Problem("card.lost")
    number, lapses = serial(db, "GS", now), now + LOSS_FOR
    db.execute(
        "INSERT INTO card_losses VALUES (?, ?, ?, ?)",
        (number, person.id_number, now.isoformat(), lapses.isoformat()),
    )
    summary = [
        ("挂失编号", number),
        ("社保卡号", row["card_no"]),
        ("挂失时间", f"{now:%Y-%m-%d %H:%M:%S}"),
        ("到期自动解除", f"{lapses:%Y-%m-%d %H:%M:%S}"),
    ]
    return CardLoss(
        loss_no=number,
        card_no=row["card_no"],
        reported_at=now.isoformat(),
        lapses_at=lapses.isoformat(),
        take_away_url=pages.publish(db, here, "社会保障卡临时挂失", summary),
    )


def _card(db: Connection, person: Person) -> Row | None:
    row: Row | None = db.execute(
        "SELECT * FROM social_cards WHERE id_number = ?", (person.id_number,)
    ).fetchone()
    return row


def _loss(db: Connection, person: Person, now: datetime) -> Row | None:
    """The loss that has not lapsed."""
    rows = db.execute(
        "SELECT * FROM card_losses WHERE id_number = ? ORDER BY loss_no", (person.id_number,)
    ).fetchall()
    live = [r for r in rows if datetime.fromisoformat(r["lapses_at"]).astimezone(CHINA) > now]
    return live[-1] if live else None


def _state(row: Row, loss: Row | None) -> CardState:
    if loss is not None:
        return "lost"
    if row["handed_on"]:
        return "active"
    return "ready" if row["ready_on"] else "making"


def _no_card(number: str) -> CardStanding:
    nothing = dict.fromkeys(sorted(set(CardStanding.model_fields) - {"state", "query_no"}), "")
    return CardStanding.model_validate({**nothing, "state": "none", "query_no": number})


def seed(db: Connection, citizens: Sequence[Citizen], today: date) -> None:
    """Most citizens hold a card; every fourth waits for one, every eighth's lies ready."""
    for citizen in citizens:
        if citizen.at_home and citizen.place % 8 != 6:
            row = (citizen.number, *_steps(citizen, today))
            db.execute("INSERT INTO social_cards VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _steps(citizen: Citizen, today: date) -> tuple[str, ...]:
    ago = {2: 3, 3: 11}.get(citizen.place % 4, 900 + citizen.place * 31)
    applied = today - timedelta(days=ago)
    days = [applied + timedelta(days=after) for _, after in STEPS_DAYS]
    card_no = f"3710****{citizen.place * 271 % 10000:04d}"
    done = [day.isoformat() if day <= today else "" for day in days]
    return (card_no, BANKS[citizen.place % len(BANKS)], *done)
