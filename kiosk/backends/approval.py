"""审批服务局: items, cases, appointments, approvals, courier."""

from __future__ import annotations

from kiosk.backends.approval_cases import CaseRoom
from kiosk.backends.approval_courier import CourierRoom
from kiosk.backends.approval_decisions import DecisionRoom
from kiosk.backends.approval_items import ItemGuidesClient
from kiosk.backends.approval_slots import SlotRoom
from kiosk.backends.approval_themes import ThemeRoom


class ApprovalBureauClient(
    ItemGuidesClient, CaseRoom, SlotRoom, ThemeRoom, DecisionRoom, CourierRoom
):
    """Everything of the approval bureau, over HTTP; each room is a module of its own."""
