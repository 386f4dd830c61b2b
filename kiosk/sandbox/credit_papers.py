"""What stands in a credit report: invented accounts and queries, the same for the same person every time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kiosk.masking import mask_id
from kiosk.sandbox.companies import Company
from kiosk.sandbox.credit_objections import BUREAU
from kiosk.sandbox.documents import Paper
from kiosk.sandbox.wire import Person

BANKS = (
    "中国工商银行股份有限公司威海分行",
    "中国农业银行股份有限公司乳山支行",
    "中国建设银行股份有限公司威海分行",
    "山东乳山农村商业银行股份有限公司",
    "威海市商业银行股份有限公司",
    "中国邮政储蓄银行股份有限公司乳山市支行",
)
KINDS = ("贷记卡", "个人住房贷款", "个人消费贷款", "准贷记卡", "个人经营性贷款")
REASONS = ("贷后管理", "信用卡审批", "贷款审批", "本人查询", "担保资格审查")

ACCOUNTS, QUERIES, COMPANY_LOANS = 62, 40, 48
"""So many that a person's report has five pages."""

NOTE = (
    "本报告由征信中心依据截至报告时间的信用信息基础数据库记录生成。除查询记录外，报告中的信息由相关机构提供，"
    "征信中心不保证其真实性和准确性，但承诺在信息整合、汇总、展示的全过程中保持客观、中立。"
    "本报告内容仅供本人了解自身信用状况，请妥善保管；如对信息有异议，可向征信中心或提供信息的机构提出。"
)


def of_person(person: Person, now: datetime, fee_fen: int) -> Paper:
    """A person's own report."""
    seed = sum(map(ord, person.id_number))
    return Paper(
        title="个人信用报告（本人版）",
        issuer=BUREAU.name,
        series=BUREAU.series,
        paragraphs=[
            f"姓名：{person.name}    证件类型：居民身份证    证件号码：{_masked(person)}",
            f"报告时间：{now:%Y-%m-%d %H:%M:%S}",
            NOTE,
        ],
        tables=[
            (
                ("序号", "授信机构", "业务种类", "开立日期", "授信额度（元）", "账户状态"),
                [_account(nth, seed, now.date()) for nth in range(ACCOUNTS)],
            ),
            (
                ("序号", "查询日期", "查询机构", "查询原因"),
                [_query(nth, seed, now.date()) for nth in range(QUERIES)],
            ),
        ],
        fee_fen=fee_fen,
    )


def of_company(company: Company, now: datetime) -> Paper:
    """A company's own report."""
    seed = company.place * 31
    return Paper(
        title="企业信用报告（自主查询版）",
        issuer=BUREAU.name,
        series=BUREAU.series,
        paragraphs=[
            f"企业名称：{company.name}    统一社会信用代码：{company.credit_code}",
            f"登记地址：{company.address}    注册资本：{company.capital}",
            f"报告时间：{now:%Y-%m-%d %H:%M:%S}",
            NOTE,
        ],
        tables=[
            (
                ("序号", "授信机构", "业务种类", "开立日期", "授信额度（元）", "账户状态"),
                [_account(nth, seed, now.date()) for nth in range(COMPANY_LOANS)],
            )
        ],
    )


def _masked(person: Person) -> str:
    return mask_id(person.id_number)


def _account(nth: int, seed: int, today: date) -> list[str]:
    opened = today - timedelta(days=40 + (seed * 7 + nth * 97) % 3900)
    return [
        str(nth + 1),
        BANKS[(seed + nth) % len(BANKS)],
        KINDS[(seed + nth * 3) % len(KINDS)],
        opened.isoformat(),
        f"{((seed + nth * 13) % 60 + 1) * 5000:,}",
        "正常" if (seed + nth) % 4 else "已结清",
    ]


def _query(nth: int, seed: int, today: date) -> list[str]:
    return [
        str(nth + 1),
        (today - timedelta(days=nth * 17 + seed % 11)).isoformat(),
        BANKS[(seed + nth * 5) % len(BANKS)],
        REASONS[(seed + nth) % len(REASONS)],
    ]
