"""What a bench or a test has arranged beforehand: how the next refunds end, who pays at which moment."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Connection


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How something is to go; `seconds` where it takes time."""

    how: str
    seconds: float


def arrange(db: Connection, about: str, how: str, times: int | None, seconds: float = 0.0) -> None:
    """From now on, `times` times (None: always), `about` goes `how`."""
    db.execute(
        "INSERT INTO arrangements (about, how, seconds, times) VALUES (?, ?, ?, ?)",
        (about, how, seconds, times),
    )


def arranged(db: Connection, about: str) -> Arrangement | None:
    """The oldest arrangement about this, one time of it used up."""
    row = db.execute(
        "SELECT * FROM arrangements WHERE about = ? ORDER BY seq LIMIT 1", (about,)
    ).fetchone()
    if row is None:
        return None
    db.execute("UPDATE arrangements SET times = times - 1 WHERE seq = ?", (row["seq"],))
    db.execute("DELETE FROM arrangements WHERE times <= 0")
    return Arrangement(row["how"], row["seconds"])
