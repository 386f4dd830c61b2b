"""Papers, agreements, signatures, faces, compartments and charts, with invented people and pages."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from kiosk.texts import Plain, msg
from kiosk.views import (
    Bar,
    Chart,
    Consent,
    DocumentPages,
    FaceCamera,
    Guide,
    OpenCompartment,
    Option,
    Picture,
    Printing,
    Record,
    Row,
    Section,
    Sign,
    Snapshot,
    Steps,
    Tone,
    View,
)

STEPS = ("step.card", "step.review", "step.take")
WIDE, HIGH = 960, 1357
"""A4 as kiosk/steps/document.py has it drawn, in pixels."""

PAPER, INK, SEAL, SHADE = (255, 255, 255), (44, 50, 66), (196, 40, 34), (226, 232, 240)
SKIN, HAIR, COAT, WALL = (228, 190, 166), (42, 36, 34), (74, 96, 138), (196, 206, 214)


@lru_cache
def page(number: int) -> Snapshot:
    """A page that looks like a certificate: a headline, lines, a table, a seal on the last one."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDE, HIGH), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((260, 120, 700, 166), fill=INK)
    for line in range(6):
        right = 840 if line % 3 else 620
        draw.rectangle((120, 240 + line * 44, right, 252 + line * 44), fill=INK)
    for row in range(12):
        top = 540 + row * 44
        if row == 0:
            draw.rectangle((120, top, 840, top + 44), fill=SHADE)
        draw.rectangle((120, top, 840, top + 44), outline=INK, width=2)
        for column in (150, 400, 620):
            draw.rectangle((column, top + 16, column + 140 + 13 * (row % 3), top + 26), fill=INK)
    if number == 2:
        draw.ellipse((560, 1090, 780, 1310), outline=SEAL, width=8)
        draw.regular_polygon((670, 1200, 46), 5, fill=SEAL)
    return Snapshot(WIDE, HIGH, image.tobytes())


@lru_cache
def face() -> Snapshot:
    """Somebody in front of a wall, drawn."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 480), WALL)
    draw = ImageDraw.Draw(image)
    draw.ellipse((170, 352, 470, 640), fill=COAT)
    draw.rectangle((280, 310, 360, 390), fill=SKIN)
    draw.ellipse((222, 66, 418, 330), fill=HAIR)
    draw.ellipse((236, 96, 404, 358), fill=SKIN)
    for x in (282, 358):
        draw.ellipse((x - 11, 206, x + 11, 222), fill=HAIR)
    draw.line((320, 226, 314, 262, 326, 264), fill=HAIR, width=3)
    draw.arc((286, 270, 354, 316), 20, 160, fill=(160, 82, 74), width=5)
    return Snapshot(640, 480, image.tobytes())


def _steps(current: int) -> Steps:
    return Steps(tuple(msg(label) for label in STEPS), current)


DOCUMENT = DocumentPages(
    key="document.pages",
    steps=_steps(2),
    title=Plain("社会保险参保证明", "Proof of social insurance"),
    subtitle=Plain(
        "乳山市人力资源和社会保障局 · 共 3 页",
        "Rushan Human Resources and Social Security · 3 pages",
    ),
    pages=(page(0), page(1), page(2)),
    seal=msg("document.sealed", code="7KQ2-M9XA-41PD"),
    actions=(Option(id="print", title=msg("document.print")),),
)
CONSENT_TEXT = (
    Plain(
        "一、核验目的：为保护您的不动产信息，本次查询需要确认是您本人在办理。",
        "1. Purpose: to protect your property records, this enquiry must be made by yourself.",
    ),
    Plain(
        "二、处理方式：终端摄像头拍摄两张照片，加密后传给公安机关的比对服务，与居民身份证照片比对，"
        "比对服务只返回“是本人”或“不是本人”。照片不在终端保存，核验结束后立即清除，也不用于其他用途。",
        "2. Processing: the terminal's camera takes two pictures. They are sent, encrypted, to the "
        "public security authority's matching service and compared with the photograph of your ID "
        "card. The service answers only whether it is you. The pictures are not stored in the "
        "terminal, are cleared as soon as the check ends, and are used for nothing else.",
    ),
    Plain(
        "三、您的权利：您可以不同意，改用短信验证码或到窗口办理，办理结果和时限不受影响。",
        "3. Your rights: you may refuse and use a code by text message, or go to a counter; result "
        "and time limits stay the same.",
    ),
    Plain(
        "四、人脸信息属于敏感个人信息。依据《中华人民共和国个人信息保护法》第二十九条，处理敏感个人信息"
        "应当取得个人的单独同意。您点“同意”，即表示单独同意本次核验处理您的人脸信息。",
        "4. Facial data are sensitive personal information. Under article 29 of the Personal "
        "Information Protection Law they may be processed only with separate consent. By touching "
        "“Agree” you consent separately to their processing for this check.",
    ),
    Plain(
        "五、同意可以随时撤回：在核验完成前点“退出”，照片即时清除，本次核验不再进行。",
        "5. You may withdraw at any time: touch “Exit” before the check is done, and the pictures "
        "are cleared at once.",
    ),
)
CONSENT = Consent(
    key="proof.consent",
    steps=_steps(0),
    title=Plain("人脸核验告知书", "Notice on the face check"),
    subtitle=Plain("请先看完，再决定是否同意", "Read it first, then decide"),
    paragraphs=CONSENT_TEXT,
    primary=Plain("同意", "Agree"),
)
SIGN = Sign(
    key="commitment.sign",
    steps=_steps(1),
    title=Plain("请签名", "Please sign"),
    subtitle=Plain("签名和承诺书一起交给审批部门", "Your signature goes with the commitment"),
    statement=Plain(
        "本人已看完告知内容，承诺所填信息真实，符合办理条件，愿意承担不实承诺的法律责任。",
        "I have read the notice. What I have stated is true, I meet the conditions, and I answer "
        "for a false commitment.",
    ),
    primary=Plain("签好了", "I have signed"),
)
FACE = FaceCamera(
    key="proof.face",
    steps=_steps(0),
    title=Plain("请看摄像头", "Look at the camera"),
    subtitle=Plain("屏幕上方的小镜头", "The small lens above the screen"),
    hint=Plain("请慢慢向左转头", "Turn your head slowly to the left"),
    picture=face(),
    seconds=43,
)
COMPARTMENT = OpenCompartment(
    key="paper.compartment",
    steps=_steps(2),
    title=Plain("3 号柜已打开", "Compartment 3 is open"),
    subtitle=Plain("请取走里面的发票", "Take the invoices out of it"),
    number="3",
    numbers=("1", "2", "3", "4"),
    seconds=75,
)


def _year(year: int, months: int) -> Bar:
    if months == 12:
        return Bar(Plain(str(year)), 12, Plain("12 个月", "12 months"))
    if months == 0:
        return Bar(Plain(str(year)), 0, Plain("未参保", "Not insured"), Tone.BAD)
    text = Plain(f"{months} 个月，有中断", f"{months} months, a gap")
    return Bar(Plain(str(year)), months, text, Tone.WARNING)


MONTHS = (12, 12, 7, 12, 0, 9, 12, 12, 12, 12, 12, 12, 12, 12, 11, 12, 12, 12)
PERIODS = Chart(
    Plain("缴费月数", "Months paid"),
    tuple(_year(2026 - n, months) for n, months in enumerate(MONTHS)),
    12,
)
RECORD = Record(
    key="pension.record",
    steps=_steps(1),
    title=Plain("养老保险缴费记录", "My pension contributions"),
    subtitle=msg("row.person.value", name="王*", id="371*************12"),
    sections=(
        Section(
            None,
            (
                Row(Plain("累计缴费", "Paid in all"), Plain("193 个月", "193 months"), strong=True),
                Row(Plain("个人账户", "Own account"), Plain("¥41,207.33")),
            ),
        ),
        PERIODS,
    ),
    actions=(
        Option(id="certificate", title=Plain("打印证明", "Print proof")),
        Option(id="take", title=msg("option.next")),
    ),
)
BALANCE = Chart(
    Plain("公积金账户", "Housing fund account"),
    (
        Bar(
            Plain("上年结转余额", "Brought forward from last year"),
            38120.5,
            Plain("¥38,120.50"),
        ),
        Bar(Plain("本年缴存", "Paid in this year"), 15840.0, Plain("¥15,840.00"), Tone.GOOD),
        Bar(
            Plain("冲还贷款", "Used to repay the loan"),
            21600.0,
            Plain("¥21,600.00，已扣划", "¥21,600.00, withdrawn"),
            Tone.WARNING,
        ),
    ),
    40000.0,
)
GUIDE = Guide(
    key="guide.take",
    title=Plain("个体工商户设立登记", "Registration of a self-employed business"),
    subtitle=Plain("行政审批服务局", "Administrative Approval Service"),
    rows=(
        Row(
            msg("guide.conditions"),
            Plain(
                "有经营能力的公民；有名称、经营者、经营范围和经营场所",
                "Anyone able to trade, with a name, an owner, a scope and a place of business",
            ),
        ),
        Row(
            msg("guide.materials"),
            Plain(
                "身份证；经营场所使用证明；登记申请书（窗口可代填）",
                "ID card; proof that the place may be used; application form (filled in at the "
                "counter if you like)",
            ),
        ),
        Row(msg("guide.fee"), Plain("不收费", "Free of charge")),
        Row(msg("guide.time_limit"), Plain("1 个工作日", "One working day")),
        Row(msg("guide.type"), Plain("行政确认", "Administrative confirmation")),
        Row(msg("guide.code"), Plain("11371083MB2857263K4000131001000")),
    ),
    notice=None,
    take=Plain("带走办事指南", "Take this guide along"),
    primary=msg("guide.start"),
)

PAPERS: dict[str, View[Any]] = {
    "document-pages": DOCUMENT,
    "document-pages-fee": replace(
        DOCUMENT,
        key="document.pages.fee",
        fee=msg("document.fee", amount=Plain("¥10.00")),
        actions=(Option(id="take_away", title=msg("print.take_away")), *DOCUMENT.actions),
    ),
    "document-pages-one": replace(
        DOCUMENT,
        key="document.pages.one",
        subtitle=Plain(
            "乳山市人力资源和社会保障局 · 共 1 页",
            "Rushan Human Resources and Social Security · 1 page",
        ),
        pages=(page(2),),
        notice=msg("notice.without.document_printer"),
        actions=(Option(id="take", title=msg("option.next")),),
    ),
    "printing": Printing(
        key="document.printing",
        steps=_steps(2),
        title=msg("document.printing"),
        subtitle=Plain("接着打印凭条", "Your slip comes next"),
        pages=3,
        done=1,
    ),
    "printing-waits": Printing(
        key="document.printing.waits",
        steps=_steps(2),
        title=Plain("打印机在等纸", "The printer waits for paper"),
        subtitle=Plain(
            "帮办人员正在过来，余下的页接着打印", "Staff are coming, then printing continues"
        ),
        pages=12,
        done=5,
        tone=Tone.WARNING,
        picture=Picture.WARNING,
    ),
    "consent": CONSENT,
    "consent-short": replace(CONSENT, key="consent.short", paragraphs=CONSENT_TEXT[:1]),
    "sign": SIGN,
    "face": FACE,
    "face-waiting": replace(
        FACE,
        key="proof.face.waiting",
        picture=None,
        hint=Plain("请正对屏幕站好", "Stand straight in front of the screen"),
        trouble=Plain("太暗了，请把脸转向亮处", "Too dark: turn your face towards the light"),
    ),
    "compartment": COMPARTMENT,
    "compartment-many": replace(
        COMPARTMENT,
        key="paper.compartment.many",
        number="7",
        numbers=tuple(str(number) for number in range(1, 13)),
        trouble=Plain(
            "柜里还有东西，请取走后关门", "Something is left in it: take it, then close the door"
        ),
    ),
    "record-chart": RECORD,
    "record-balance": replace(
        RECORD, key="fund.record", sections=(BALANCE,), actions=RECORD.actions[1:]
    ),
    "guide-take": GUIDE,
}
"""One sample and more of each view of kiosk/views/papers.py, and of the looked at ones of entry.py."""
