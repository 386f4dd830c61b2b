"""What is granted on a commitment (告知承诺): the notices that are read before they are signed."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.sandbox.approval_words import Both, both


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice and the words that are signed. `version` changes with every word of it."""

    version: str
    name: Both
    hint: Both
    paragraphs: tuple[Both, ...]
    statement: Both


CONSEQUENCES = both(
    "审批服务局将在作出决定后两个月内核查承诺内容。承诺不实的，依法撤销决定，并记入信用记录；"
    "造成损失的，由承诺人承担。",
    "The bureau checks within two months of its decision whether what was committed to is true. If not, "
    "the decision is revoked by law and noted in your credit record; you bear the damage.",
)

NOTICES: dict[str, Notice] = {
    "public-hygiene": Notice(
        "2026-01",
        both("公共场所卫生许可告知承诺", "Public hygiene licence"),
        both("理发、住宿等场所，承诺后当场许可", "Hairdressers, lodgings: granted at once"),
        (
            both(
                "一、依据《公共场所卫生管理条例》，经营单位应当取得卫生许可证后方可营业。",
                "1. By the Regulation on Hygiene in Public Places a business opens only once it holds a "
                "hygiene licence.",
            ),
            both(
                "二、应当具备的条件：场所布局合理，用品用具消毒设施齐全；空气、水质符合卫生标准；"
                "直接为顾客服务的人员持有有效健康合格证明。",
                "2. What is required: suitable rooms, means to disinfect what customers use; air and water "
                "to the hygiene standards; valid health certificates of all who serve customers.",
            ),
            both(
                "三、应当提交的材料：申请表、场所平面图、从业人员健康合格证明。"
                "承诺后可先领证，材料在三十日内补交。",
                "3. What is to be handed in: the application, a floor plan, the health certificates. On your "
                "commitment the licence comes first; hand these in within thirty days.",
            ),
            CONSEQUENCES,
        ),
        both(
            "我已阅知上述内容，承诺已具备许可条件，所填信息真实，愿承担承诺不实的法律责任。",
            "I have read this. I commit that the conditions are met and my words true, and answer for it.",
        ),
    ),
    "premises": Notice(
        "2026-03",
        both("经营场所（住所）申报承诺", "Declaration of business premises"),
        both("以承诺代替场所使用证明", "Your word instead of proof of the premises"),
        (
            both(
                "一、申请登记时，可以以本承诺代替经营场所使用证明。",
                "1. For registration this commitment stands in for proof that you may use the premises.",
            ),
            both(
                "二、场所应当真实存在、依法可以用于经营，不属于违法建筑、危险建筑或者已纳入征收的房屋；"
                "使用住宅的，已征得有利害关系的业主同意。",
                "2. The premises exist and may lawfully be used for business; they are neither illegal nor "
                "dangerous nor to be expropriated; for a dwelling the neighbours concerned agree.",
            ),
            CONSEQUENCES,
        ),
        both(
            "我已阅知上述内容，承诺申报的场所真实、合法，愿承担承诺不实的法律责任。",
            "I have read this. I commit that the premises I declare are real and lawful, and answer for it.",
        ),
    ),
}
