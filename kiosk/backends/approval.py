"""审批服务局: items, cases, appointments, approvals, courier."""

from __future__ import annotations

from kiosk.backends.client import Client


class ApprovalBureauClient(Client):
    """Items, cases, appointments, approvals, courier, over HTTP."""
