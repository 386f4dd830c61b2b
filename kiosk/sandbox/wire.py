"""What travels: the types that every department's requests and answers are made of (docs/API.md)."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import WithJsonSchema

MAX_FEN = 10**12
"""Ten thousand million yuan: above any contribution, far inside SQLite's 64 bits."""

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""Text that people write: no NUL, no control characters. Lone surrogates pydantic refuses itself."""

ORDER_NUMBER = r"^[0-9A-Za-z_-]{6,32}$"
"""out_trade_no (PAYMENTS.md)."""

AUTH_CODE = "^(1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22}|62[0-9]{17})$"
"""A payment code of WeChat, Alipay or UnionPay, in this order (PAYMENTS.md)."""

RESIDENT_OR_FOREIGNER = "^([1-9][0-9]{16}[0-9X]|[A-Z]{3}[0-9]{12})$"
"""18 places with a MOD 11-2 check digit, or the 15 of a foreigner's card of 2017 (PROTOCOLS.md)."""


ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(value: object) -> object:
    """Only `YYYY-MM-DD`: pydantic alone would also take numbers and whole timestamps."""
    if not isinstance(value, str) or not ISO_DATE.fullmatch(
        value
    ):  # fromisoformat takes weeks, too
        raise ValueError("a date is written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a date is written YYYY-MM-DD") from None


def _whole(value: object) -> object:
    """JSON knows one kind of number: 300.0 is the integer 300 (JSON Schema 2020-12, 4.2.3)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


AsWhole = BeforeValidator(_whole)
Fen = Annotated[int, Field(strict=True, ge=1, le=MAX_FEN, description="Fen (1/100 yuan)."), AsWhole]
Seconds = Annotated[int, Field(strict=True, ge=1, le=7200), AsWhole]
Token = Annotated[str, StringConstraints(pattern="^[0-9A-Za-z_-]{1,64}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=PRINTABLE)]
OrderNumber = Annotated[str, StringConstraints(pattern=ORDER_NUMBER)]
Day = Annotated[
    date,
    BeforeValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "minLength": 10, "maxLength": 10}),
]
DepartmentName = Literal[
    "social-insurance", "medical", "property", "tax", "credit", "approval", "market", "fund",
    "publicity", "data", "payment", "hall",
]  # fmt: skip
ChannelName = Literal["wechat", "alipay", "unionpay"]


class Wire(BaseModel):
    """The base of every body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Person(Wire):
    """Who asks, and how the terminal knows it. Its repr is masked."""

    name: Line = Field(examples=["张三"])
    id_number: Annotated[str, StringConstraints(pattern=RESIDENT_OR_FOREIGNER)] = Field(
        description="Last place: check digit by ISO 7064 MOD 11-2.", examples=["11010519491231002X"]
    )
    proof: Literal["card", "typed"] = Field(
        description="Read from the card's chip, or typed by hand.", examples=["card"]
    )
    second_proof: Annotated[str, StringConstraints(pattern="^([0-9A-Za-z_-]{16,64})?$")] = Field(
        "", description="The token that /data/v1 granted for a second proof, where one is asked."
    )

    def __repr__(self) -> str:
        return "Person(***)"


class PersonQuery(Wire):
    """A question about one person."""

    person: Person


class Health(Wire):
    """The answer of a department that is there."""

    status: Literal["ok"] = "ok"
