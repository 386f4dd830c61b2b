"""What is typed or held, as journeys ask it: forms of every kind of field, numbers, one-time codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.texts import Plain, msg
from kiosk.views import (
    EnterCode,
    Field,
    FieldKind,
    Form,
    Option,
    ScanOrType,
    Steps,
    View,
)

STEPS = Steps((msg("step.card"), msg("step.review"), msg("step.take")), 0)

NAME = Field("name", Plain("收件人", "Recipient"), FieldKind.NAME)
PHONE = Field(
    "phone",
    Plain("手机号", "Mobile phone"),
    FieldKind.PHONE,
    hint=Plain("用于通知取件", "We tell you there when it arrives"),
)
ADDRESS = Field(
    "address",
    Plain("详细地址", "Street and number"),
    FieldKind.TEXT,
    hint=Plain("街道、小区、门牌号", "Street, building, flat"),
)
DIVISION = Field("division", Plain("所在地区", "District"), FieldKind.DIVISION)
ID_NUMBER = Field("id_number", Plain("身份证号", "ID card number"), FieldKind.ID_NUMBER)
CREDIT_CODE = Field(
    "credit_code", Plain("统一社会信用代码", "Unified social credit code"), FieldKind.CREDIT_CODE
)
AMOUNT = Field(
    "amount",
    Plain("提取金额（元）", "Amount to withdraw (yuan)"),
    FieldKind.AMOUNT,
    minimum=10000,
    maximum=5000000,
)
DAY = Field("day", Plain("入职日期", "First day of work"), FieldKind.DATE, value="2026-11-23")
RELATION = Field(
    "relation",
    Plain("与本人关系", "Relation to you"),
    FieldKind.CHOICE,
    options=(
        Option(
            id="self",
            title=Plain("本人", "Myself"),
            subtitle=Plain("不需要其他材料", "Nothing else is needed"),
        ),
        Option(id="spouse", title=Plain("配偶", "Husband or wife")),
        Option(id="child", title=Plain("子女", "Child")),
        Option(id="parent", title=Plain("父母", "Parent")),
        Option(id="other", title=Plain("其他近亲属", "Another close relative")),
    ),
)
SECRET = Field(
    "password",
    Plain("查询密码", "Query password"),
    FieldKind.DIGITS,
    longest=6,
    value="471",
    secret=True,
)


def _form(key: str, *fields: Field, **more: Any) -> Form:
    return Form(
        key=key,
        steps=STEPS,
        title=Plain("填写邮寄信息", "Where shall it be sent?"),
        subtitle=Plain("证件办好后寄到这个地址", "The certificate is sent to this address"),
        fields=fields,
        primary=msg("option.next"),
        **more,
    )


COURIER = (NAME, PHONE, DIVISION, ADDRESS, RELATION, DAY, AMOUNT, ID_NUMBER)

NUMBER = Field(
    "case_no",
    Plain("办件编号", "Case number"),
    FieldKind.NUMBER,
    hint=Plain("在受理单的右上角", "At the top right of your slip"),
)
SCAN = ScanOrType(
    key="case.scan",
    steps=STEPS,
    title=Plain("请扫受理单上的码", "Hold the code on your slip"),
    subtitle=Plain("把码对准左下方的扫码窗口", "At the scanner window on the lower left"),
    field=NUMBER,
    seconds=60,
    primary=msg("option.next"),
)
CODE = EnterCode(
    key="second.code",
    steps=STEPS,
    title=Plain("输入短信验证码", "Type the code from your phone"),
    subtitle=Plain("6 位数字，5 分钟内有效", "Six digits, valid for five minutes"),
    digits=6,
    sent_to=Plain("已发送到 138****8000", "Sent to 138****8000"),
    again_after=60,
    seconds=300,
    other=Plain("改用刷脸核验", "Use the camera instead"),
)

ENTRIES: dict[str, View[Any]] = {
    "form-hanzi": _form("form.hanzi", replace(ADDRESS, value="乳山市胜利街 88 号"), PHONE),
    "form-many": _form("form.many", *COURIER),
    "form-phone": _form("form.phone", replace(PHONE, value="138"), NAME),
    "form-id-wrong": _form("form.id", replace(ID_NUMBER, value="110105194912310021"), NAME),
    "form-credit-code": _form("form.credit", replace(CREDIT_CODE, value="9137108"), PHONE),
    "form-amount": _form("form.amount", replace(AMOUNT, value="99999.99")),
    "form-day": _form("form.day", DAY, PHONE),
    "form-day-empty": _form("form.day.empty", replace(DAY, value="")),
    "form-choice": _form("form.choice", RELATION, PHONE),
    "form-division": _form("form.division", DIVISION, ADDRESS),
    "form-division-chosen": _form("form.division.chosen", replace(DIVISION, value="371083")),
    "form-secret": _form("form.secret", SECRET),
    "form-refused": _form(
        "form.refused",
        replace(PHONE, value="13800138000"),
        replace(NAME, value="王秀兰"),
        replace(DIVISION, value="371083"),
        replace(ADDRESS, value="银滩旅游度假区长江路 6 号 2 号楼 101 室"),
        trouble=Plain(
            "这个地址不能邮寄，请换一个", "Nothing can be sent to this address, please change it"
        ),
    ),
    "form-notice": _form(
        "form.notice", PHONE, notice=Plain("邮费到付", "Postage is paid on delivery")
    ),
    "scan": SCAN,
    "scan-other-code": replace(SCAN, key="case.scan.wrong", trouble=msg("scan.other_code")),
    "scan-typed": replace(SCAN, key="case.typed", field=replace(NUMBER, value="RS2026-11")),
    "scan-broken": replace(SCAN, key="case.broken", scanner=False, trouble=msg("scan.broken")),
    "scan-unit": replace(
        SCAN,
        key="unit.scan",
        scanner=False,
        field=Field("unit", Plain("不动产单元号", "Property unit code"), FieldKind.UNIT_CODE),
    ),
    "code": CODE,
    "code-wrong": replace(
        CODE,
        key="second.code.wrong",
        trouble=Plain("验证码不对，还可以再试 2 次", "Wrong code, two more tries"),
        again_after=0,
        other=None,
    ),
}
"""Every kind of entry, by the name of its picture."""
