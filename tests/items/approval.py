"""The approval bureau's and the hall's items: cases, appointments, themes, approvals, courier, ratings."""

from __future__ import annotations

from kiosk.views import Chosen, Continue, Filled, Signed, Typed
from tests.items.script import Script

SIGNATURE = Signed(
    strokes=(((0.1, 0.2), (0.4, 0.8), (0.7, 0.3)), ((0.2, 0.5), (0.8, 0.5))), ratio=2.5
)

ADDRESS = {"division": "371083", "detail": "城区街道幸福小区3号楼", "phone": "13800138000"}

OWN_CASE = "BJ20261121000001"
"""The first case that the sandbox has of wang-xiulan, on the day of the tests' clock."""

SCRIPTS = {
    "case-progress": Script(
        answers={
            "case.how": Chosen("number"),
            "case.number": Typed(OWN_CASE),
            "case.read": Chosen("own"),
            "case.details": Chosen("take"),
        },
        calls=(("approval", "cases/queries"), ("approval", "details")),
    ),
    "appointment": Script(
        answers={
            "appointment.how": Chosen("home"),
            "appointment.what.home": Chosen("social"),
            "appointment.home": Filled.of(ADDRESS),
            "appointment.day": lambda view: Chosen(view.options[0].id),
            "appointment.slot": lambda view: Chosen(view.options[1].id),
            "appointment.review": Continue(),
        },
        calls=(
            ("approval", "appointments/queries"),
            ("approval", "appointable"),
            ("approval", "slots"),
            ("approval", "v1/appointments"),
        ),
    ),
    "one-thing": Script(
        answers={
            "theme.choose": Chosen("birth"),
            "theme.birth.married": Chosen("yes"),
            "theme.birth.local": Chosen("yes"),
            "theme.birth.card": Chosen("no"),
            "theme.read": Chosen("take"),
        },
        calls=(("approval", "themes"), ("approval", "themes/birth"), ("approval", "plans")),
    ),
    "instant-approval": Script(
        answers={
            "instant.kind": Chosen("elder-card"),
            "instant.rules.elder-card": Chosen("apply"),
            "instant.form.elder-card": Filled.of({"use": "transport", "phone": "13800138000"}),
            "instant.review": Continue(),
        },
        documents=1,
        calls=(
            ("approval", "v1/approvals"),
            ("approval", "rules"),
            ("approval", "form"),
            ("approval", "applications"),
        ),
    ),
    "commitment": Script(
        answers={
            "commitment.kind": Chosen("public-hygiene"),
            "commitment.notice.public-hygiene": Continue(),
            "commitment.sign.public-hygiene": SIGNATURE,
        },
        slips=0,
        documents=1,
        calls=(
            ("approval", "commitments"),
            ("approval", "commitments/public-hygiene"),
        ),
    ),
    "courier": Script(
        answers={
            "courier.choose": lambda view: Chosen(view.options[0].id),
            "courier.form": Filled.of({"name": "李雷", **ADDRESS}),
            "courier.review": Continue(),
        },
        calls=(("approval", "certificates"), ("approval", "deliveries")),
    ),
    "rating": Script(
        answers={
            "rating.what": Chosen("complaint"),
            "rating.who.complaint": Chosen("card"),
            "rating.form.complaint": Filled.of({"text": "排队时间太长", "phone": "13800138000"}),
            "rating.review": Continue(),
        },
        calls=(("hall", "complaints"),),
        by_phone=False,
    ),
    "call-assistance": Script(
        answers={"assist.waiting": Chosen("close")},
        calls=(("hall", "staff-calls"),),
        by_phone=False,
    ),
}
