"""What an operator may write into the journal: their own words, and nobody's identity."""

from __future__ import annotations

import re

from devices.idcard.record import check_character

OPERATOR = re.compile(r"\w[\w .-]{0,39}")
MOST_CHARACTERS = 200

_ID_NUMBER = re.compile(r"(?<!\d)(\d{17})([\dXx])(?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def wrong_operator(name: str) -> str:
    """Why `name` is none; "" where it is one."""
    return "" if OPERATOR.fullmatch(name) else "a name of 1-40 letters, digits, spaces, . or -"


def wrong_text(text: str) -> str:
    """Why `text` cannot be written down; "" where it can.

    ID numbers (GB 11643, with a right check character) and mobile numbers are refused: the journal
    holds nobody's identity, and is never changed afterwards.
    """
    if not text.strip() or len(text) > MOST_CHARACTERS:
        return f"1-{MOST_CHARACTERS} characters are wanted"
    if not text.isprintable():
        return "one line of printable characters is wanted"
    for first17, check in _ID_NUMBER.findall(text):
        if check_character(first17) == check.upper():
            return "an ID number may not stand in the journal"
    return "a mobile number may not stand in the journal" if _MOBILE.search(text) else ""
