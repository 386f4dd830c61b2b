"""Views of every class as journeys ask them, with invented people, numbers and amounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.texts import Plain, Yuan, msg
from kiosk.views import (
    Assistance,
    AssistanceCall,
    Attract,
    Category,
    Choose,
    Finished,
    Guide,
    Home,
    MoreTime,
    Option,
    OutOfService,
    Pay,
    PayMode,
    Picture,
    PlaceCard,
    Progress,
    Record,
    Review,
    Row,
    Section,
    Steps,
    Take,
    TakeAway,
    Tile,
    Tone,
    Trouble,
    View,
)
from tests.gallery.entries import ENTRIES
from tests.gallery.finding import FINDING
from tests.gallery.maintenance import MAINTENANCE
from tests.gallery.money import MONEY
from tests.gallery.papers import PAPERS

PERSON = Plain("王* · 371*************12")
PENSION_STEPS = ("step.card", "pension.step.tier", "step.review", "step.pay", "step.take")
PROPERTY_STEPS = ("step.card", "property.step.purpose", "property.step.read", "step.take")
CODE_URL = "https://pay.example.invalid/q/7f3a91c0d2"
VOUCHER = "https://hall.example.invalid/v/RS20261123000417?k=8c1f0a77"


def _steps(labels: tuple[str, ...], current: int) -> Steps:
    return Steps(tuple(msg(label) for label in labels), current)


TILES = (
    Tile(
        item="resident-pension-pay",
        title=Plain("居民养老保险缴费", "Resident pension payment"),
        department=Plain("人力资源和社会保障局", "Human Resources and Social Security"),
        picture=Picture.PERSON,
        category="social",
    ),
    Tile(
        item="own-property",
        title=Plain("不动产信息查询", "My property records"),
        department=Plain("自然资源局", "Natural Resources"),
        picture=Picture.HOUSE,
        category="property",
        notice=msg("notice.without_slip"),
    ),
    Tile(
        item="e-invoice-pickup",
        title=Plain("数电发票提取", "Digital invoice pick-up"),
        department=Plain("税务局", "Tax Service"),
        picture=Picture.INVOICE,
        category="tax",
        enabled=False,
        notice=msg("trouble.department_unreachable"),
    ),
)
MORE_TILES = (
    Tile(
        item="resident-health-pay",
        title=Plain("居民医疗保险缴费", "Resident health insurance payment"),
        department=Plain("医疗保障局", "Healthcare Security"),
        picture=Picture.HEALTH,
        category="social",
    ),
    Tile(
        item="credit-report",
        title=Plain("个人信用报告打印", "Personal credit report"),
        department=Plain("中国人民银行", "People's Bank of China"),
        picture=Picture.SHIELD,
        category="credit",
    ),
    Tile(
        item="progress",
        title=Plain("办件进度查询", "Progress of my cases"),
        department=Plain("行政审批服务局", "Administrative Approval"),
        picture=Picture.CLOCK,
        category="approval",
    ),
    Tile(
        item="certificate",
        title=Plain("参保证明打印", "Proof of insurance"),
        department=Plain("人力资源和社会保障局", "Human Resources and Social Security"),
        picture=Picture.DOCUMENT,
        category="social",
    ),
)
CATEGORIES = tuple(
    Category(name, msg(f"category.{name}")) for name in ("social", "property", "tax")
)


def _home(key: str, tiles: tuple[Tile, ...]) -> Home:
    return Home(
        key=key,
        greeting=msg("home.greeting"),
        hint=msg("home.hint"),
        tiles=tiles,
        categories=CATEGORIES,
        footnote=msg("home.privacy"),
        enquiries=msg("home.enquiries", number="12345"),
    )


GUIDE = Guide(
    key="guide",
    title=Plain("城乡居民基本养老保险费缴纳", "Payment of the resident basic pension contribution"),
    subtitle=Plain("人力资源和社会保障局", "Human Resources and Social Security"),
    rows=(
        Row(
            msg("guide.conditions"),
            Plain(
                "年满 16 周岁（不含在校学生），未参加职工基本养老保险的本市户籍居民",
                "Residents from the age of 16, not at school, not insured as employees",
            ),
        ),
        Row(msg("guide.materials"), Plain("本人居民身份证", "Your own ID card")),
        Row(
            msg("guide.fee"),
            Plain("按所选档次缴纳，不另收费", "The chosen tier; nothing is charged besides"),
        ),
        Row(msg("guide.time_limit"), Plain("当场办结", "At once")),
        Row(msg("guide.result"), Plain("缴费凭条和电子凭证", "Payment slip and e-voucher")),
        Row(
            msg("guide.department"),
            Plain("乳山市人力资源和社会保障局", "Rushan Human Resources and Social Security"),
        ),
        Row(
            msg("guide.legal_basis"),
            Plain(
                "《中华人民共和国社会保险法》第二十条；《国务院关于建立统一的城乡居民基本养老保险制度的意见》（国发〔2014〕8号）",
                "Social Insurance Law, article 20; State Council opinion on a unified basic "
                "pension insurance for residents, 2014 no. 8",
            ),
        ),
        Row(msg("guide.type"), Plain("公共服务", "Public service")),
        Row(msg("guide.level"), Plain("县级", "County")),
        Row(msg("guide.code"), Plain("11371083MB2857263K4372014004000")),
    ),
    notice=msg("notice.without_slip"),
    primary=msg("guide.start"),
)


def _place_card(key: str, *, reading: bool = False, trouble: bool = False) -> PlaceCard:
    return PlaceCard(
        key=key,
        steps=_steps(PENSION_STEPS, 0),
        title=msg("identify.title"),
        subtitle=msg("identify.subtitle"),
        seconds=52,
        privacy=msg("identify.privacy"),
        reading=reading,
        trouble=msg("identify.lift_and_retry") if trouble else None,
    )


TIERS = ((300, 1.8, 30), (600, 4.1, 60), (1000, 7.2, 80), (2000, 14.5, 80), (5000, 36.4, 80))
CHOOSE_TIER = Choose(
    key="pension.choose_tier",
    steps=_steps(PENSION_STEPS, 1),
    title=msg("pension.choose_tier", year="2026"),
    subtitle=msg("pension.choose_tier.who", name="王*", id="371*************12", year="2025"),
    options=tuple(
        Option(
            id=str(yuan),
            title=msg("pension.tier", amount=f"{yuan:,}"),
            subtitle=msg("pension.tier.gain", amount=f"{gain}"),
            badge=msg("pension.tier.subsidy", amount=str(subsidy)),
            badge_tone=Tone.GOOD,
        )
        for yuan, gain, subsidy in (*TIERS, (6000, 43.7, 80), (8000, 58.2, 80))
    ),
    chosen="1000",
    primary=msg("option.next"),
)
CHOOSE_INVOICE = Choose(
    key="invoice.choose",
    steps=_steps(
        ("step.card", "invoice.step.period", "invoice.step.choose", "step.review", "step.take"), 2
    ),
    title=msg("invoice.choose"),
    subtitle=msg("invoice.choose.count", count=4),
    options=tuple(
        Option(
            id=f"2637200000012345678{n}",
            title=Plain(seller),
            subtitle=Plain(f"2026-11-0{9 - n} · {goods}"),
            badge=Plain(str(Yuan(amount))),
        )
        for n, (seller, goods, amount) in enumerate(
            (
                ("威海滨海酒店管理有限公司乳山银滩分公司", "*住宿服务*住宿费", 45800),
                ("乳山市供水集团有限公司", "*水冰雪*水费", 9630),
                ("国网山东省电力公司乳山市供电公司", "*供电*电费", 123456),
                ("乳山市新华书店有限公司", "*图书*《新华字典》（第12版）", 3290),
            )
        )
    ),
    primary=msg("option.next"),
)
REVIEW = Review(
    key="pension.review",
    steps=_steps(PENSION_STEPS, 2),
    title=msg("pension.review"),
    sections=(
        Section(
            None,
            (
                Row(msg("row.insured"), PERSON),
                Row(msg("row.year"), Plain("2026")),
                Row(msg("row.tier"), msg("pension.tier", amount="1,000")),
                Row(msg("row.subsidy"), Plain(str(Yuan(8000)))),
            ),
        ),
        Section(None, (Row(msg("row.to_pay"), Plain(str(Yuan(100000))), strong=True),)),
    ),
    notice=msg("pension.notice"),
    primary=msg("pension.pay", amount=Yuan(100000)),
)


def _pay(key: str, mode: PayMode, *, trouble: str = "") -> Pay:
    show = mode is PayMode.SHOW
    other = "scan" if show else "show"
    return Pay(
        key=key,
        steps=_steps(PENSION_STEPS, 3),
        subject=msg("pension.subject", year="2026"),
        amount=Plain(str(Yuan(100000))),
        mode=mode,
        code=CODE_URL if show else "",
        hint=msg("pay.scan_with_phone" if show else "pay.hold_phone"),
        other_way=Option(
            id=other,
            title=msg(f"pay.{other}"),
            subtitle=msg(f"pay.{other}.hint"),
            picture=Picture.SCAN if show else Picture.PHONE,
        ),
        seconds=108 if show else 47,
        trouble=msg(trouble) if trouble else None,
    )


PROGRESS = Progress(
    key="progress.fetching",
    steps=_steps(PENSION_STEPS, 1),
    back=False,
    doing=msg("progress.fetching"),
    waiting_for=msg("progress.department"),
    patience=msg("progress.patience"),
)
PROGRESS_PAYING = Progress(
    key="pay.booking",
    steps=_steps(PENSION_STEPS, 3),
    back=False,
    leave=False,
    doing=msg("pay.booking"),
    waiting_for=msg("pay.booking.at"),
    patience=msg("pay.patience"),
    amount=Plain(str(Yuan(100000))),
)


def _unit(number: int, location: str) -> Section:
    return Section(
        Plain(f"第 {number} 处", f"Property {number}"),
        (
            Row(msg("row.location"), Plain(location)),
            Row(msg("row.unit_code"), Plain(f"371083001001GB0000{number}F00010023")),
            Row(msg("row.certificate"), Plain(f"鲁（2024）乳山市不动产权第000{number}417号")),
            Row(msg("row.use"), Plain("城镇住宅用地／住宅")),
            Row(msg("row.area"), msg("row.area.value", area="118.62")),
            Row(msg("row.share"), Plain("共同共有")),
            Row(msg("row.registered"), Plain("2024-03-18")),
            Row(msg("row.mortgage"), msg("yes")),
            Row(msg("row.seizure"), msg("no")),
        ),
    )


RECORD = Record(
    key="property.read",
    steps=_steps(PROPERTY_STEPS, 2),
    title=Plain("名下不动产 2 处", "2 properties in your name"),
    subtitle=msg("row.person.value", name="王*", id="371*************12"),
    sections=(
        _unit(1, "乳山市城区街道办事处胜利街 88 号海悦花园 12 号楼 3 单元 1502 室"),
        _unit(2, "乳山市银滩旅游度假区长江路 6 号 2 号楼 101 室"),
    ),
    notice=Plain(
        "信息来自不动产登记簿，仅供本人使用。", "From the property register, for your own use."
    ),
    actions=(Option(id="take", title=Plain("打印凭条", "Print a slip")),),
)
TAKE_AWAY = TakeAway(
    key="take_away",
    steps=_steps(PENSION_STEPS, 4),
    back=False,
    leave=False,
    title=msg("take_away.title"),
    subtitle=msg("take_away.subtitle"),
    code=VOUCHER,
    primary=msg("option.done"),
)
DONE_ROWS = (
    Row(msg("row.insured"), PERSON),
    Row(msg("row.year"), Plain("2026")),
    Row(msg("row.amount"), Plain(str(Yuan(100000))), strong=True),
    Row(msg("row.order"), Plain("A7K2-0417")),
)


def _finished(
    key: str, *, rating: str | None = None, code: str = "", again: bool = False
) -> Finished:
    return Finished(
        key=key,
        steps=_steps(PENSION_STEPS, 4),
        headline=msg("pension.done"),
        detail=msg("pension.done.detail", number="RS20261123000417"),
        rows=DONE_ROWS,
        take=(
            Take(Picture.CARD, msg("take.card")),
            Take(Picture.PRINTER, msg("take.slip" if again else "take.printing")),
        ),
        code=code,
        rating=rating,
        again=msg("finished.again") if again else None,
        seconds=28,
    )


PRINT_TROUBLE = Trouble(
    key="print.trouble",
    headline=msg("print.not_printed"),
    cause=msg("print.paper_out"),
    standing=Section(msg("pension.stands", amount=Yuan(100000)), (DONE_ROWS[3], DONE_ROWS[1])),
    options=(
        Option(
            id="wait",
            title=msg("print.wait"),
            subtitle=msg("print.wait.hint"),
            picture=Picture.BELL,
        ),
        Option(
            id="take_away",
            title=msg("print.take_away"),
            subtitle=msg("print.take_away.hint"),
            picture=Picture.SCAN,
        ),
    ),
    code="printer.paper_out",
    primary=msg("print.without"),
)
PRINT_DOUBT = replace(
    PRINT_TROUBLE,
    key="print.doubt",
    headline=msg("print.maybe_printed"),
    cause=msg("print.fate_unknown"),
    options=(
        Option(
            id="wait",
            title=msg("print.again"),
            subtitle=msg("print.again.hint"),
            picture=Picture.PRINTER,
        ),
        PRINT_TROUBLE.options[1],
    ),
    code="printer.fate_unknown",
)
PAY_TROUBLE = Trouble(
    key="pay.failed",
    steps=_steps(PENSION_STEPS, 3),
    headline=msg("pay.failed"),
    cause=msg("pay.failed.insufficient_funds"),
    standing=Section(msg("trouble.nothing_charged"), ()),
    options=(
        Option(
            id="show", title=msg("pay.show"), subtitle=msg("pay.show.hint"), picture=Picture.PHONE
        ),
        Option(
            id="scan", title=msg("pay.scan"), subtitle=msg("pay.scan.hint"), picture=Picture.SCAN
        ),
        Option(
            id="other",
            title=msg("option.other"),
            subtitle=msg("option.other.hint"),
            picture=Picture.DOCUMENT,
        ),
    ),
    code="payment.insufficient_funds",
    primary=msg("option.end"),
)

SAMPLES: dict[str, View[Any]] = {
    "attract": Attract(key="attract"),
    "home": _home("home", TILES),
    "home-many": _home("home.many", (*TILES, *MORE_TILES)),
    "guide": GUIDE,
    "place-card": _place_card("identify"),
    "place-card-trouble": _place_card("identify.trouble", trouble=True),
    "place-card-reading": _place_card("identify.reading", reading=True),
    "choose": CHOOSE_TIER,
    "choose-invoice": CHOOSE_INVOICE,
    "review": REVIEW,
    "pay-show": _pay("pay.show", PayMode.SHOW),
    "pay-scan": _pay("pay.scan", PayMode.SCAN),
    "pay-trouble": _pay("pay.trouble", PayMode.SCAN, trouble="pay.not_a_payment_code"),
    "progress": PROGRESS,
    "progress-paying": PROGRESS_PAYING,
    "record": RECORD,
    "take-away": TAKE_AWAY,
    "finished": _finished("finished", rating="very_good"),
    "finished-again": _finished("finished.again", again=True),
    "finished-code": _finished("finished.code", code=VOUCHER),
    "trouble-print": PRINT_TROUBLE,
    "trouble-print-doubt": PRINT_DOUBT,
    "trouble-pay": PAY_TROUBLE,
    "more-time": MoreTime(key="more_time", seconds=20),
    **{
        f"assistance-{state.value.replace('_', '-')}": AssistanceCall(key="assistance", state=state)
        for state in Assistance
    },
    "out-of-service": OutOfService(
        key="out_of_service",
        headline=msg("out_of_service"),
        advice=msg("out_of_service.advice"),
        code="terminal.no_item",
        primary=msg("out_of_service.items"),
    ),
    **ENTRIES,
    **FINDING,
    **MAINTENANCE,
    **MONEY,
    **PAPERS,
}
"""Every view class at least once, by the name of its picture."""
