"""One thing (一件事): several items that belong together, one list of materials, one way through."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import Field

from kiosk.sandbox import pages
from kiosk.sandbox.approval_words import DEPARTMENT, Both, Id, IdPath, both
from kiosk.sandbox.books import serial
from kiosk.sandbox.problems import Problem, refuses
from kiosk.sandbox.window import Here
from kiosk.sandbox.wire import Wire

SCHEMA = ""

router = APIRouter(prefix=f"/{DEPARTMENT}/v1", tags=[DEPARTMENT])


@dataclass(frozen=True, slots=True)
class Part:
    """One item within a theme: who does it, in how many working days, with which materials (by name,
    copies), and the question of which a yes makes it needed ("" where it always is)."""

    name: Both
    department: Both
    days: int
    materials: tuple[tuple[str, int], ...]
    when: str = ""


@dataclass(frozen=True, slots=True)
class Theme:
    """A thing in people's lives, the questions that tell it apart, and its parts in their order."""

    name: Both
    hint: Both
    questions: tuple[tuple[str, Both], ...]
    parts: tuple[Part, ...]


MATERIALS = {
    "id-card": both("居民身份证", "Resident ID card"),
    "household": both("户口簿", "Household register"),
    "marriage": both("结婚证", "Marriage certificate"),
    "birth": both("出生医学证明", "Medical certificate of birth"),
    "bank-card": both("本人银行卡或社保卡", "Your bank card or social security card"),
    "premises": both("经营场所使用证明", "Proof of use of the premises"),
    "articles": both("公司章程", "Articles of association"),
    "health": both("从业人员健康证明", "Health certificates of the staff"),
    "personnel-file": both("职工档案", "Personnel file"),
    "photo": both("近期免冠照片", "Recent photograph"),
    "contract": both("房屋买卖合同", "Contract of sale"),
    "title": both("不动产权证书", "Certificate of title"),
    "tax-paid": both("完税证明", "Proof of tax paid"),
    "loan": both("贷款结清证明或抵押合同", "Loan settlement or mortgage contract"),
}

POLICE = both("公安局", "Public Security")
HEALTH = both("卫生健康局", "Health")
SOCIAL = both("人力资源和社会保障局", "Human Resources and Social Security")
MEDICAL = both("医疗保障局", "Medical Insurance")
MARKET = both("市场监督管理局", "Market Regulation")
TAX = both("税务局", "Taxation")
LAND = both("自然资源局", "Natural Resources")
FUND = both("住房公积金中心", "Housing Provident Fund")
BUREAU = both("审批服务局", "Approval Bureau")

THEMES: dict[str, Theme] = {
    "birth": Theme(
        both("新生儿出生一件事", "A child is born"),
        both(
            "出生证明、户口、医保、社保卡一次办", "Certificate, household, insurance, card at once"
        ),
        (
            ("married", both("父母是否已登记结婚？", "Are the parents married?")),
            ("local", both("孩子是否落户乳山？", "Will the child be registered in Rushan?")),
            ("card", both("是否同时申领社会保障卡？", "Do you also want a social security card?")),
        ),
        (
            Part(
                both("出生医学证明签发", "Medical certificate of birth"),
                HEALTH,
                1,
                (("id-card", 2),),
            ),
            Part(
                both("父母婚姻信息核验", "Check of the parents' marriage"),
                HEALTH,
                1,
                (("marriage", 1), ("id-card", 2)),
                "married",
            ),
            Part(
                both("出生登记（落户）", "Household registration"),
                POLICE,
                1,
                (("birth", 1), ("household", 1), ("id-card", 2)),
                "local",
            ),
            Part(
                both("城乡居民医保参保", "Resident medical insurance"),
                MEDICAL,
                1,
                (("birth", 1), ("household", 1)),
            ),
            Part(
                both("社会保障卡申领", "Social security card"),
                SOCIAL,
                5,
                (("household", 1), ("photo", 1)),
                "card",
            ),
        ),
    ),
    "business": Theme(
        both("企业开办一件事", "Opening a business"),
        both("登记、刻章、税务、社保一次办", "Registration, seals, tax, insurance at once"),
        (
            ("company", both("是否设立公司？（否为个体工商户）", "A company? (No: sole trader)")),
            ("food", both("是否经营食品？", "Will you deal in food?")),
            ("staff", both("是否招用员工？", "Will you employ staff?")),
        ),
        (
            Part(
                both("营业执照", "Business licence"),
                MARKET,
                1,
                (("id-card", 1), ("premises", 1)),
            ),
            Part(
                both("公司章程备案", "Articles of association filed"),
                MARKET,
                1,
                (("articles", 1),),
                "company",
            ),
            Part(both("公章刻制备案", "Company seals"), POLICE, 1, (("id-card", 1),)),
            Part(
                both("税务信息确认、领用发票", "Tax registration and invoices"),
                TAX,
                1,
                (("id-card", 1),),
            ),
            Part(
                both("食品经营许可", "Food business licence"),
                BUREAU,
                5,
                (("id-card", 1), ("premises", 1), ("health", 1)),
                "food",
            ),
            Part(
                both("员工参保、公积金开户", "Insurance and provident fund for staff"),
                SOCIAL,
                1,
                (("id-card", 1), ("bank-card", 1)),
                "staff",
            ),
        ),
    ),
    "retirement": Theme(
        both("退休一件事", "Retiring"),
        both("养老、医保、公积金一次办", "Pension, medical insurance, provident fund at once"),
        (
            ("employee", both("是否为企业职工？", "Are you an employee of an enterprise?")),
            ("fund", both("是否缴存过住房公积金？", "Did you pay into the provident fund?")),
        ),
        (
            Part(
                both("职工档案审核", "Review of the personnel file"),
                SOCIAL,
                10,
                (("personnel-file", 1), ("id-card", 1)),
                "employee",
            ),
            Part(
                both("养老保险待遇申领", "Claim of the pension"),
                SOCIAL,
                5,
                (("id-card", 1), ("bank-card", 1), ("photo", 2)),
            ),
            Part(
                both("医保在职转退休", "Medical insurance as a pensioner"),
                MEDICAL,
                1,
                (("id-card", 1),),
            ),
            Part(
                both("公积金退休提取", "Provident fund paid out"),
                FUND,
                1,
                (("id-card", 1), ("bank-card", 1)),
                "fund",
            ),
        ),
    ),
    "second-hand-home": Theme(
        both("二手房过户一件事", "Buying a used home"),
        both("登记、缴税、水电气过户一次办", "Registration, tax, water, power and gas at once"),
        (
            ("loan", both("买卖任何一方是否有贷款？", "Has either party a loan?")),
            ("utilities", both("水电气是否一并过户？", "Transfer water, power and gas as well?")),
        ),
        (
            Part(
                both("存量房交易纳税申报", "Tax on the sale"),
                TAX,
                1,
                (("contract", 1), ("id-card", 2), ("household", 2)),
            ),
            Part(
                both("抵押注销或设立登记", "Mortgage registered or discharged"),
                LAND,
                1,
                (("loan", 1), ("title", 1), ("id-card", 2)),
                "loan",
            ),
            Part(
                both("不动产转移登记", "Transfer of title"),
                LAND,
                3,
                (("title", 1), ("contract", 1), ("tax-paid", 1), ("id-card", 2)),
            ),
            Part(
                both("水电气联动过户", "Water, power and gas transferred"),
                BUREAU,
                1,
                (("title", 1),),
                "utilities",
            ),
        ),
    ),
}


class ThemeLine(Wire):
    """One theme of the list."""

    theme: str
    name: Both
    hint: Both


class ThemeList(Wire):
    """In the bureau's order."""

    themes: list[ThemeLine]


class QuestionLine(Wire):
    """A question that is answered by yes or no."""

    question: str
    text: Both


class ThemeQuestions(Wire):
    """What must be known before the list can be made."""

    theme: str
    name: Both
    questions: list[QuestionLine]


class Reply(Wire):
    """The answer to one question."""

    question: Id
    yes: bool


class PlanOrder(Wire):
    """Every question of the theme, answered once."""

    answers: list[Reply] = Field(max_length=64)


class Material(Wire):
    """Something to bring, once, and in how many copies; `parts` says what it is for."""

    name: Both
    copies: int
    parts: int


class Step(Wire):
    """One step of the way, in order."""

    name: Both
    department: Both
    days: int


class Plan(Wire):
    """One list of materials without doubles, one way through."""

    plan_no: str
    name: Both
    materials: list[Material]
    flow: list[Step]
    days: int
    take_away_url: str


@router.get("/themes")
def themes() -> ThemeList:
    """What can be done in one go."""
    return ThemeList(
        themes=[ThemeLine(theme=key, name=t.name, hint=t.hint) for key, t in THEMES.items()]
    )


@router.get("/themes/{theme}", responses=refuses("theme.unknown", "request.invalid"))
def questions(theme: IdPath) -> ThemeQuestions:
    """The questions of a theme."""
    found = _theme(theme)
    lines = [QuestionLine(question=key, text=text) for key, text in found.questions]
    return ThemeQuestions(theme=theme, name=found.name, questions=lines)


@router.post(
    "/themes/{theme}/plans",
    responses=refuses("theme.unknown", "theme.unanswered", "request.invalid"),
)
def plan(here: Here, theme: IdPath, order: PlanOrder) -> Plan:
    """The materials and the way, for these answers."""
    found = _theme(theme)
    answers = {reply.question: reply.yes for reply in order.answers}
    if set(answers) != {key for key, _ in found.questions} or len(answers) != len(order.answers):
        raise Problem("theme.unanswered")
    parts = [part for part in found.parts if not part.when or answers[part.when]]
    materials = merged(parts)
    with here.books.transaction() as db:
        number = serial(db, "YJS", here.now())
        lines = [("清单编号", number), ("主题", found.name.zh)]
        lines += [(f"材料 {n}", f"{m.name.zh} {m.copies} 份") for n, m in enumerate(materials, 1)]
        lines += [
            (f"第 {n} 步", f"{p.name.zh}（{p.department.zh}）") for n, p in enumerate(parts, 1)
        ]
        url = pages.publish(db, here, "一件事办理清单", lines)
    return Plan(
        plan_no=number,
        name=found.name,
        materials=materials,
        flow=[Step(name=p.name, department=p.department, days=p.days) for p in parts],
        days=sum(part.days for part in parts),
        take_away_url=url,
    )


def merged(parts: list[Part]) -> list[Material]:
    """Every material once, in as many copies as the part that wants the most of it."""
    copies: dict[str, int] = {}
    wanted: dict[str, int] = {}
    for part in parts:
        for name, count in part.materials:
            copies[name] = max(copies.get(name, 0), count)
            wanted[name] = wanted.get(name, 0) + 1
    return [
        Material(name=MATERIALS[name], copies=copies[name], parts=wanted[name]) for name in copies
    ]


def _theme(theme: str) -> Theme:
    if theme not in THEMES:
        raise Problem("theme.unknown")
    return THEMES[theme]
