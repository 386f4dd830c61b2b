"""The tax bureau's rules: checks, pickups, issued invoices, sealed papers, both formats of an invoice."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.preview import count_pages
from devices.scanner import payloads
from devices.simulators.cards import CARDS
from kiosk.sandbox import tax_pickups, tax_register, tax_rules
from kiosk.sandbox.problems import CODES
from kiosk.sandbox.tax_register import Registered
from tests.sandbox.in_process import Sandbox

TODAY = date(2026, 11, 24)
"""The day of the sandbox in process."""

OWN, SECOND, ELSEWHERE, EXPIRED, FETCHED = (sample[0] for sample in tax_pickups.SAMPLES)
TERMINAL = "rushan-07"
NOBODYS = "00000000"

BUYER = "91371083MA3C4D5E67"
OFD = "{http://www.ofdspec.org/2016}"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def person(slug: str = "wang-xiulan", **changed: str) -> dict[str, str]:
    card = CARDS[slug]
    return {"name": card.name, "id_number": card.id_number, "proof": "card"} | changed


def proven(sandbox: Sandbox, slug: str = "wang-xiulan") -> dict[str, str]:
    """The person with a second proof."""
    body = {"person": person(slug), "purpose": "test"}
    sent = post(sandbox, "/data/v1/one-time-codes", body, f"code-{slug}").json()
    code = sandbox.control("/messages")[-1]["code"]
    path = f"/data/v1/one-time-codes/{sent['challenge_id']}/checks"
    checked = post(sandbox, path, {"code": code}, f"check-{slug}").json()
    return person(slug, second_proof=checked["second_proof"])


def post(sandbox: Sandbox, path: str, body: Any, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return sandbox.request("POST", path, json=body, headers=headers)


def tax(sandbox: Sandbox, path: str, body: Any, key: str = "") -> Any:
    return post(sandbox, f"/tax/v1{path}", body, key)


def refused(answer: Any, code: str) -> None:
    """A refusal of the contract."""
    assert answer.json()["code"] == code
    assert answer.status_code == CODES[code][0]


# --- checking -------------------------------------------------------------------------------------


def claim(invoice: Registered, **changed: Any) -> dict[str, Any]:
    """What the invoice's code says of it."""
    said = payloads.invoice(invoice.payload)
    assert said is not None
    return {
        "code": said.code,
        "number": said.number,
        "issued_on": said.issued.isoformat(),
        "amount_fen": said.amount_fen,
        "check": said.check,
    } | changed


def check(sandbox: Sandbox, body: Any, key: str = "check-0001") -> Any:
    return tax(sandbox, "/invoice-checks", body, key)


@pytest.mark.parametrize("invoice", tax_register.samples(TODAY), ids=lambda i: i.number[-4:])
def test_a_check_of_what_the_code_says_finds_the_invoice_as_it_is(
    sandbox: Sandbox, invoice: Registered
) -> None:
    told = check(sandbox, claim(invoice)).json()

    words = {"normal": "genuine", "reversed": "reversed", "voided": "voided"}
    assert told["result"] == words[invoice.state]
    assert told["invoice"]["total_fen"] == invoice.net_fen + invoice.tax_fen
    assert told["left_today"] == 4


@pytest.mark.parametrize(
    "changed",
    [{"amount_fen": 1}, {"issued_on": "2026-11-05"}, {"check": "000000"}],
    ids=["amount", "day", "check-digits"],
)
def test_what_differs_is_said_to_differ_and_shows_nothing_of_the_register(
    sandbox: Sandbox, changed: dict[str, Any]
) -> None:
    ordinary = tax_register.samples(TODAY)[0]

    told = check(sandbox, claim(ordinary, **changed)).json()

    assert (told["result"], told["invoice"]) == ("differs", None)


def test_the_last_six_check_digits_are_as_good_as_all(sandbox: Sandbox) -> None:
    ordinary = tax_register.samples(TODAY)[0]

    told = check(sandbox, claim(ordinary, check=ordinary.check_code[-6:])).json()

    assert told["result"] == "genuine"


def test_what_nobody_registered_is_not_found(sandbox: Sandbox) -> None:
    digital = tax_register.samples(TODAY)[4]

    told = check(sandbox, claim(digital, number="1" * 20)).json()

    assert (told["result"], told["invoice"]) == ("not_found", None)


def test_an_invoice_is_checked_five_times_a_day(sandbox: Sandbox) -> None:
    digital, other = tax_register.samples(TODAY)[4:6]
    left = [
        check(sandbox, claim(digital), f"check-000{nth}").json()["left_today"] for nth in range(5)
    ]
    assert left == [4, 3, 2, 1, 0]

    refused(check(sandbox, claim(digital), "check-0006"), "check.too_many")
    # AND another one is checked all the same, and this one tomorrow
    assert check(sandbox, claim(other), "check-0007").status_code == 201
    sandbox.control("/clock", {"advance_s": 86400.0})
    assert check(sandbox, claim(digital), "check-0008").json()["left_today"] == 4


def test_a_check_asked_again_is_not_counted_again(sandbox: Sandbox) -> None:
    digital = tax_register.samples(TODAY)[4]

    answers = [check(sandbox, claim(digital), "check-0001").content for _ in range(9)]

    assert len(set(answers)) == 1


# --- invoices on paper ----------------------------------------------------------------------------


def release(sandbox: Sandbox, code: str, key: str = "pickup-0001", at: str = TERMINAL) -> Any:
    return tax(sandbox, "/pickups", {"code": code, "terminal": at}, key)


def taken(sandbox: Sandbox, pickup_id: str, key: str = "taken-0001", at: str = TERMINAL) -> Any:
    body = {"terminal": at, "seen_empty": True}
    return tax(sandbox, f"/pickups/{pickup_id}/taken", body, key)


def left(sandbox: Sandbox, pickup_id: str, reason: str, key: str = "left-0001") -> Any:
    body = {"terminal": TERMINAL, "reason": reason}
    return tax(sandbox, f"/pickups/{pickup_id}/left", body, key)


def test_a_pickup_code_is_spent_once_the_invoice_was_taken(sandbox: Sandbox) -> None:
    released = release(sandbox, OWN).json()
    assert (released["compartment"], released["again"]) == ("1", False)

    confirmed = taken(sandbox, released["pickup_id"]).json()

    assert re.fullmatch(r"ZP20261124\d{6}", confirmed["acceptance_no"])
    refused(release(sandbox, OWN, "pickup-0002"), "pickup.used")
    # AND the same word under another key is the same confirmation
    assert taken(sandbox, released["pickup_id"], "taken-0002").json() == confirmed


def test_a_power_cut_after_the_door_opened_loses_nothing(sandbox: Sandbox) -> None:
    # GIVEN a terminal that dies between opening and confirming
    first = release(sandbox, OWN).json()
    # WHEN the citizen holds the same code there again
    second = release(sandbox, OWN, "pickup-0002").json()
    # THEN the same compartment opens, and it is said that it was opened before
    assert second == first | {"again": True}
    refused(release(sandbox, OWN, "pickup-0003", at="rushan-03"), "pickup.elsewhere")
    assert taken(sandbox, first["pickup_id"]).status_code == 201


@pytest.mark.parametrize(
    ("reason", "state"),
    [("not_taken", "waiting"), ("lock_failed", "waiting"), ("left_open", "released")],
)
def test_what_was_left_can_be_fetched_with_the_same_code(
    sandbox: Sandbox, reason: str, state: str
) -> None:
    released = release(sandbox, SECOND).json()

    told = left(sandbox, released["pickup_id"], reason).json()

    assert told["state"] == state
    assert release(sandbox, SECOND, "pickup-0002").json()["again"] is (state == "released")


def test_what_was_left_and_then_taken_after_all_is_confirmed(sandbox: Sandbox) -> None:
    released = release(sandbox, OWN).json()
    left(sandbox, released["pickup_id"], "not_taken")

    assert taken(sandbox, released["pickup_id"]).status_code == 201
    # AND what was said before and arrives late changes nothing
    refused(left(sandbox, released["pickup_id"], "not_taken", "left-0002"), "pickup.used")
    refused(release(sandbox, OWN, "pickup-0002"), "pickup.used")


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (NOBODYS, "pickup.unknown"),
        (ELSEWHERE, "pickup.elsewhere"),
        (EXPIRED, "pickup.expired"),
        (FETCHED, "pickup.used"),
    ],
)
def test_a_code_that_opens_nothing_here_says_why(sandbox: Sandbox, code: str, refusal: str) -> None:
    refused(release(sandbox, code), refusal)


def test_a_door_that_was_not_released_is_not_confirmed(sandbox: Sandbox) -> None:
    refused(taken(sandbox, "ZQ000001"), "pickup.not_released")
    refused(taken(sandbox, "ZQ000001", "taken-0002", at="rushan-03"), "pickup.elsewhere")
    refused(taken(sandbox, "ZQ999999", "taken-0003"), "pickup.unknown")


def test_codes_cannot_be_guessed(sandbox: Sandbox) -> None:
    for nth in range(5):
        refused(release(sandbox, f"{nth:08d}", f"guess-000{nth}"), "pickup.unknown")

    refused(release(sandbox, OWN, "pickup-0001"), "pickup.too_many")
    # AND another terminal works on, and this one after ten minutes
    assert release(sandbox, ELSEWHERE, "pickup-0002", at="rushan-03").status_code == 201
    sandbox.control("/clock", {"advance_s": 601.0})
    assert release(sandbox, OWN, "pickup-0003").status_code == 201


def test_a_wrong_code_asked_again_under_its_key_counts_once(sandbox: Sandbox) -> None:
    for _ in range(9):
        refused(release(sandbox, NOBODYS, "pickup-0001"), "pickup.unknown")

    assert release(sandbox, OWN, "pickup-0002").status_code == 201


# --- issuing --------------------------------------------------------------------------------------


def order(who: dict[str, str], **changed: Any) -> dict[str, Any]:
    body = {
        "person": who,
        "buyer_name": "乳山海润食品有限公司",
        "buyer_code": BUYER,
        "goods": "labour",
        "amount_fen": 2_020_000,
    }
    return body | changed


def apply(sandbox: Sandbox, body: Any, key: str = "apply-0001") -> Any:
    return tax(sandbox, "/issue-applications", body, key)


def pay_and_book(sandbox: Sandbox, application: Any, number: str = "P-000001") -> Any:
    """The tax, paid at the gateway and booked."""
    terms = {
        "bill_id": application["bill_id"],
        "option": application["option"],
        "amount_fen": application["due_fen"],
        "out_trade_no": number,
    }
    charge = {"department": "tax", "subject": "x", "auth_code": "134567890123456789"}
    paid = post(sandbox, "/payment/v1/code-payments", terms | charge, f"pay-{number}").json()
    body = terms | {"transaction_id": paid["transaction_id"]}
    return tax(sandbox, "/bookings", body, f"book-{number}")


def query(sandbox: Sandbox, who: dict[str, str], number: str) -> Any:
    return tax(sandbox, f"/issue-applications/{number}/queries", {"person": who})


def test_the_invoice_is_issued_when_its_tax_is_booked_and_once(sandbox: Sandbox) -> None:
    who = proven(sandbox)
    application = apply(sandbox, order(who)).json()
    assert (application["net_fen"], application["tax_fen"]) == (2_000_000, 20_000)
    assert [line["due_fen"] for line in application["lines"]] == [20_000, 700, 300, 200]
    assert (application["due_fen"], application["number"]) == (21_200, "")

    for _ in range(2):
        assert pay_and_book(sandbox, application).status_code == 201

    issued = query(sandbox, who, application["application_no"]).json()
    assert re.fullmatch(r"\d{20}", issued["number"])
    assert issued["state"] == "issued"
    # AND the register knows it
    body = {
        "code": "",
        "number": issued["number"],
        "issued_on": "2026-11-24",
        "amount_fen": 2_020_000,
        "check": "",
    }
    told = check(sandbox, body).json()
    assert (told["result"], told["invoice"]["buyer"]) == ("genuine", "乳山海润食品有限公司")


def test_an_invoice_whose_tax_went_back_is_cancelled_by_a_red_one(sandbox: Sandbox) -> None:
    who = proven(sandbox)
    application = apply(sandbox, order(who)).json()
    pay_and_book(sandbox, application)
    number = query(sandbox, who, application["application_no"]).json()["number"]

    post(sandbox, "/payment/v1/orders/P-000001/reverse", None, "reverse-0001")

    body = {
        "code": "",
        "number": number,
        "issued_on": "2026-11-24",
        "amount_fen": 2_020_000,
        "check": "",
    }
    assert check(sandbox, body).json()["result"] == "reversed"
    assert query(sandbox, who, application["application_no"]).json()["state"] == "withdrawn"


def test_the_same_application_is_one_bill_however_often_it_is_made(sandbox: Sandbox) -> None:
    who = proven(sandbox)

    first = apply(sandbox, order(who)).json()

    assert apply(sandbox, order(who), "apply-0002").json() == first
    other = apply(sandbox, order(who, amount_fen=30_300), "apply-0003").json()
    assert other["application_no"] != first["application_no"]


def test_without_tax_the_invoice_is_issued_at_once_but_not_where_tax_is_due(
    sandbox: Sandbox,
) -> None:
    who = proven(sandbox)
    free = apply(sandbox, order(who, goods="own_produce")).json()
    due = apply(sandbox, order(who), "apply-0002").json()
    assert (free["bill_id"], free["due_fen"], free["lines"]) == ("", 0, [])

    path = "/issue-applications/{}/invoices"
    body = {"person": who}
    issued = tax(sandbox, path.format(free["application_no"]), body, "issue-0001").json()

    again = tax(sandbox, path.format(free["application_no"]), body, "issue-0002").json()
    assert re.fullmatch(r"\d{20}", issued["number"])
    assert again["number"] == issued["number"]
    answer = tax(sandbox, path.format(due["application_no"]), body, "issue-0003")
    refused(answer, "issue.unpaid")


def test_who_is_not_proven_twice_applies_for_nothing(sandbox: Sandbox) -> None:
    refused(apply(sandbox, order(person())), "proof.second_required")
    typed = proven(sandbox) | {"proof": "typed"}
    refused(apply(sandbox, order(typed), "apply-0002"), "proof.card_required")


def test_a_buyer_with_a_wrong_code_and_too_much_a_year_are_refused(sandbox: Sandbox) -> None:
    who = proven(sandbox)
    refused(apply(sandbox, order(who, buyer_code=BUYER[:-1] + "8")), "issue.buyer_invalid")
    path = "/issue-applications/{}/invoices"
    for nth in range(10):
        half_a_million = order(who, goods="own_produce", amount_fen=50_000_000 - nth)
        number = apply(sandbox, half_a_million, f"many-000{nth}").json()["application_no"]
        tax(sandbox, path.format(number), {"person": who}, f"made-000{nth}")
    refused(apply(sandbox, order(who), "apply-0002"), "issue.too_much")


def test_another_persons_application_is_nobodys(sandbox: Sandbox) -> None:
    number = apply(sandbox, order(proven(sandbox))).json()["application_no"]
    refused(query(sandbox, person("li-na"), number), "issue.unknown")


def test_the_reduced_rate_ends_with_its_last_day() -> None:
    assert tax_rules.rate_bp("labour", date(2027, 12, 31)) == 100
    assert tax_rules.rate_bp("labour", date(2028, 1, 1)) == 300
    assert tax_rules.rate_bp("waived", TODAY) == 300


@given(st.integers(100, 50_000_000), st.sampled_from(sorted(tax_rules.GOODS)))
def test_net_and_tax_are_the_amount_to_the_fen(total_fen: int, goods: tax_rules.GoodsId) -> None:
    assessed = tax_rules.assess(goods, total_fen, TODAY)

    assert assessed.net_fen + assessed.tax_fen == total_fen
    assert all(line.due_fen > 0 for line in assessed.lines)
    assert (assessed.due_fen == 0) == (assessed.tax_fen == 0)


# --- papers and formats ---------------------------------------------------------------------------


def test_an_invoice_leaves_sealed_as_pdf_and_as_ofd(sandbox: Sandbox) -> None:
    body = {"person": person(), "since": "2026-08-25", "until": "2026-11-24"}
    invoice = tax(sandbox, "/invoices/queries", body).json()["invoices"][0]

    path = f"/invoices/{invoice['number']}/pickups"
    picked = tax(sandbox, path, {"person": person()}, "pickup-0001").json()

    pdf = sandbox.request("GET", f"/tax/v1{picked['document']['path']}").content
    assert count_pages(pdf) == picked["document"]["pages"] == 1
    page = sandbox.request("GET", picked["take_away_url"].removeprefix(sandbox.url)).text
    address = re.search(r'href="[^"]*(/p/[^"/]+/invoice\.ofd)"', page)
    assert address
    ofd = sandbox.request("GET", address[1])
    assert ofd.headers["content-type"] == "application/ofd"
    assert invoice["number"] in said_by(ofd.content)
    assert "document.pdf" in page


def said_by(ofd: bytes) -> str:
    """The text of an OFD's pages, found from its root as a reader finds them."""
    with zipfile.ZipFile(io.BytesIO(ofd)) as archive:
        root = ElementTree.fromstring(archive.read("OFD.xml"))
        at = root.findtext(f"{OFD}DocBody/{OFD}DocRoot") or ""
        document = ElementTree.fromstring(archive.read(at))
        page = document.find(f"{OFD}Pages/{OFD}Page")
        assert page is not None
        content = archive.read(f"{at.rpartition('/')[0]}/{page.attrib['BaseLoc']}")
    return "".join(
        node.text or "" for node in ElementTree.fromstring(content).iter(f"{OFD}TextCode")
    )


def test_the_ofd_address_ends_with_its_month(sandbox: Sandbox) -> None:
    body = {"person": person(), "since": "2026-08-25", "until": "2026-11-24"}
    number = tax(sandbox, "/invoices/queries", body).json()["invoices"][0]["number"]
    path = f"/invoices/{number}/pickups"
    picked = tax(sandbox, path, {"person": person()}, "pickup-0001").json()
    page = sandbox.request("GET", picked["take_away_url"].removeprefix(sandbox.url)).text
    address = re.search(r'href="[^"]*(/p/[^"/]+/invoice\.ofd)"', page)
    assert address

    sandbox.control("/clock", {"advance_s": 31 * 86400.0})

    assert sandbox.request("GET", address[1]).status_code == 404


PAPERS = [("tax-records", "years"), ("premium-certificates", "insurances")]


@pytest.mark.parametrize(("path", "entries"), PAPERS)
def test_a_record_of_what_was_paid_is_sealed_and_adds_up(
    sandbox: Sandbox, path: str, entries: str
) -> None:
    body = {"person": proven(sandbox), "since": "2023-11-25", "until": "2026-11-24"}

    told = tax(sandbox, f"/{path}/queries", body).json()

    amount = "tax_fen" if entries == "years" else "premium_fen"
    assert told[amount] == sum(entry[amount] for entry in told[entries]) > 0
    pdf = sandbox.request("GET", f"/tax/v1{told['document']['path']}").content
    assert count_pages(pdf) == told["document"]["pages"] >= 1


@pytest.mark.parametrize(("path", "entries"), PAPERS)
def test_where_nothing_was_paid_there_is_no_paper(
    sandbox: Sandbox, path: str, entries: str
) -> None:
    body = {"person": proven(sandbox), "since": "2010-01-01", "until": "2010-12-31"}

    told = tax(sandbox, f"/{path}/queries", body).json()

    assert (told[entries], told["document"], told["take_away_url"]) == ([], None, "")


def test_the_tax_record_wants_a_second_proof_and_the_premiums_the_card(sandbox: Sandbox) -> None:
    body = {"person": person(), "since": "2025-11-25", "until": "2026-11-24"}
    refused(tax(sandbox, "/tax-records/queries", body), "proof.second_required")
    assert tax(sandbox, "/premium-certificates/queries", body).status_code == 200
    typed = body | {"person": person(proof="typed")}
    refused(tax(sandbox, "/premium-certificates/queries", typed), "proof.card_required")
    long = body | {"since": "2020-01-01"}
    refused(tax(sandbox, "/premium-certificates/queries", long), "period.invalid")


def test_the_bench_is_told_codes_to_hold(sandbox: Sandbox) -> None:
    told = sandbox.control("/samples")

    assert len(told["invoice"]) == len(tax_register.samples(TODAY))
    assert all(payloads.invoice(text) for text in told["invoice"])
    assert told["pickup"][:2] == [OWN, SECOND]
