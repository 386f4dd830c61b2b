"""What happened, with nobody's name in it: an append-only log, and the table of orders made from it."""

from kiosk.journal.records import Entry, Happening, Note, OrderRecord, Transition
from kiosk.journal.store import Journal, Overtaken
from kiosk.journal.trouble import DAMAGED, FULL, UNUSABLE, JournalBroken

__all__ = (
    "DAMAGED",
    "FULL",
    "UNUSABLE",
    "Entry",
    "Happening",
    "Journal",
    "JournalBroken",
    "Note",
    "OrderRecord",
    "Overtaken",
    "Transition",
)
