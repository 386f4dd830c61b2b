"""Resident medical insurance: pay the year for oneself and the family (城乡居民医疗保险缴费)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.backends.contract import Answer, BackendFailure, Cause, Person
from kiosk.backends.medical import FamilyBill, Member, Standing
from kiosk.catalogue import Item
from kiosk.journal import OrderRecord
from kiosk.journeys.contribution import (
    Contribution,
    Due,
    check,
    paid_earlier,
    request_key,
    settle,
)
from kiosk.journeys.family_card import read_family_card
from kiosk.masking import masked, masked_name
from kiosk.steps.identify import identify
from kiosk.steps.trouble import explain
from kiosk.texts import Msg, Plain, Text, Yuan, msg
from kiosk.views import (
    Choose,
    Field,
    FieldKind,
    Form,
    Option,
    Picture,
    Record,
    Row,
    Section,
)
from kiosk.visit import Visit

STEPS = ("step.card", "medical.step.members", "step.review", "step.pay", "step.take")

MEDICAL = Contribution("medical", "slip.medical", "slip.booked.medical", who="row.payer")

MEMBERS_MOST = 8
"""As many as one bill takes (docs/API.md)."""

MEMBER_REFUSED = ("member.paid", "member.not_insured", "member.twice")
"""A member's standing changed since it was asked."""

ADD = Option(id="add", title=msg("medical.add"), picture=Picture.PERSON)
REMOVE = Option(id="remove", title=msg("medical.remove"))
BY_CARD = Option(
    id="card",
    title=msg("medical.by_card"),
    subtitle=msg("medical.by_card.hint"),
    picture=Picture.CARD,
)
TYPED = Option(
    id="typed",
    title=msg("medical.typed"),
    subtitle=msg("medical.typed.hint"),
    picture=Picture.PERSON,
)


async def pay_resident_medical(visit: Visit, item: Item) -> None:
    """Identify, choose for whom, check, pay once, take the slip; or take the slip of today again."""
    visit.steps = tuple(msg(step) for step in STEPS)
    person = await identify(visit)
    own = await visit.call(visit.counter.departments.medical.member, person, person)

    async def again(record: OrderRecord) -> tuple[Row, ...]:
        client = visit.counter.departments.medical
        return _rows(await visit.call(client.own_bill, person, record.order.bill_id))

    if await paid_earlier(visit, person, MEDICAL, may_pay=True, rows=again):
        return
    bill = await _Family(visit, person, own).until_billed()
    rows = _rows(bill)
    await check(visit, person, MEDICAL, rows, Yuan(bill.amount_fen))
    year, count = str(bill.year), len(bill.members)
    due = Due(
        department="medical",
        bill_id=bill.bill_id,
        option=bill.option,
        amount_fen=bill.amount_fen,
        subject=f"城乡居民基本医疗保险 {year} · {count} 人",
        shown=msg("medical.subject", year=year, count=count),
    )
    await settle(visit, item, person, MEDICAL, due, rows)


def _rows(bill: FamilyBill) -> tuple[Row, ...]:
    """The year, and each member masked with the own amount."""
    members = (
        Row(
            msg("medical.member", number=number),
            Plain(f"{member.name} · {member.id_number} · {Yuan(member.amount_fen)}"),
        )
        for number, member in enumerate(bill.members, start=1)
    )
    year = msg("medical.year_and_count", year=str(bill.year), count=len(bill.members))
    return (Row(msg("row.year"), year), *members)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One of the list: who, and how the year stands. Masked in the repr of its person."""

    person: Person
    member: Member


class _Family:
    """The list of who is paid for: oneself at first, where the year is due."""

    def __init__(self, visit: Visit, payer: Person, own: Member) -> None:
        self.visit = visit
        self.payer = payer
        self.year = own.year
        self.entries: list[_Entry] = []
        self.remark: Msg | None = None
        self._consider(payer, own)

    async def until_billed(self) -> FamilyBill:
        """Add and remove until the department has made the bill. Raises Rewind and Leave."""
        turn = 0
        while True:
            turn += 1
            self.visit.at(1)
            answer = await self.visit.ask(self._list(turn))
            self.remark = None
            if answer.id == REMOVE.id:
                await self._remove(turn)
            elif answer.id == ADD.id:
                await self._add(turn)
            else:
                bill = await self._bill(turn)
                if bill is not None:
                    return bill

    def _consider(self, person: Person, member: Member) -> None:
        """Enter who owes the year; say of the others why they are not entered."""
        if person.id_number in {entry.person.id_number for entry in self.entries}:
            self.remark = msg("medical.twice", name=masked_name(person))
        elif member.standing is Standing.DUE:
            self.entries.append(_Entry(person, member))
        else:
            self.remark = msg(
                f"medical.{member.standing.value}", name=masked_name(person), year=str(member.year)
            )

    # --- the list ----------------------------------------------------------------------------------

    def _list(self, turn: int) -> Record:
        total = sum(entry.member.amount_fen for entry in self.entries)
        pay = Option(id="pay", title=msg("medical.next", amount=Yuan(total)))
        actions = (
            *((ADD,) if len(self.entries) < MEMBERS_MOST else ()),
            *((REMOVE, pay) if self.entries else ()),
        )
        return Record(
            key=f"medical.members.{turn}",
            steps=self.visit.here,
            title=msg("medical.members", year=str(self.year), count=len(self.entries)),
            subtitle=msg("medical.members.who", name=masked_name(self.payer)),
            sections=(Section(None, tuple(_row(n, e) for n, e in enumerate(self.entries, 1))),),
            notice=self.remark,
            actions=actions,
        )

    async def _remove(self, turn: int) -> None:
        chosen = await self.visit.ask(
            Choose(
                key=f"medical.remove.{turn}",
                steps=self.visit.here,
                title=msg("medical.remove.who"),
                options=tuple(
                    Option(id=str(number), title=masked(entry.person))
                    for number, entry in enumerate(self.entries, start=1)
                ),
                primary=msg("medical.remove"),
            )
        )
        del self.entries[int(chosen.id) - 1]

    # --- one more ----------------------------------------------------------------------------------

    async def _add(self, turn: int) -> None:
        way = await self.visit.ask(
            Choose(
                key=f"medical.add.{turn}",
                steps=self.visit.here,
                title=msg("medical.add.how"),
                options=(BY_CARD, TYPED),
                primary=msg("option.next"),
            )
        )
        if way.id == BY_CARD.id:
            person = await read_family_card(self.visit, f"medical.card.{turn}")
        else:
            person = await self._type(turn)
        member = await self.visit.call(
            self.visit.counter.departments.medical.member, self.payer, person
        )
        self._consider(person, member)

    async def _type(self, turn: int) -> Person:
        filled = await self.visit.ask(
            Form(
                key=f"medical.person.{turn}",
                steps=self.visit.here,
                title=msg("medical.person"),
                subtitle=msg("medical.person.hint"),
                fields=(
                    Field("name", msg("medical.person.name"), FieldKind.NAME),
                    Field("id_number", msg("medical.person.id_number"), FieldKind.ID_NUMBER),
                ),
                primary=msg("medical.add"),
            )
        )
        return Person(filled["name"], filled["id_number"], typed=True)

    # --- the bill ----------------------------------------------------------------------------------

    async def _bill(self, turn: int) -> FamilyBill | None:
        """The department's bill; None where a member's standing changed, who is then off the list."""
        people = tuple(entry.person for entry in self.entries)
        key = await request_key(self.visit, (turn, people))
        made = await self.visit.recall(
            ("medical.bill", turn, people), lambda: self._make(people, key), answered=False
        )
        if made is None:
            await self._look_again(people)
        return made

    async def _make(self, people: tuple[Person, ...], key: str) -> FamilyBill | None:
        counter = self.visit.counter
        client = counter.departments.medical
        while True:
            reply = await self.visit.patiently(
                counter.calls.run(client.family_bill, self.payer, people, key), "progress.fetching"
            )
            if isinstance(reply, Answer):
                return reply.value
            if _of_a_member(reply):
                return None
            await explain(self.visit, reply)

    async def _look_again(self, people: tuple[Person, ...]) -> None:
        """Ask after everybody anew; who owes nothing any more is named and off the list."""
        client = self.visit.counter.departments.medical
        self.entries.clear()
        for person in people:
            self._consider(person, await self.visit.call(client.member, self.payer, person))


def _of_a_member(failure: BackendFailure) -> bool:
    return failure.cause is Cause.REFUSED and failure.code in MEMBER_REFUSED


def _row(number: int, entry: _Entry) -> Row:
    amount = Yuan(entry.member.amount_fen)
    value: Text = Plain(f"{masked(entry.person).text} · {amount}")
    return Row(msg("medical.member", number=number), value)
