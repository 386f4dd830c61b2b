"""Ordinary items of the bureaus' windows, invented: what a county's list of items is made of.

The laws named are those by which such permits and services exist; articles are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["licence", "service"]


@dataclass(frozen=True, slots=True)
class Act:
    """What is done about a subject. `en` takes the subject's name in {}."""

    zh: str
    en: str
    type_zh: str
    type_en: str
    conditions_zh: str
    conditions_en: str
    materials_zh: str
    materials_en: str
    limit_zh: str
    limit_en: str
    result_zh: str
    result_en: str
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What items are about; `letters` are its bureau's in the item's code."""

    kind: Kind
    zh: str
    en: str
    bureau_zh: str
    bureau_en: str
    letters: str
    category: Literal[
        "social", "medical", "property", "tax", "credit", "approval", "licence", "hall"
    ]
    events: str
    law_zh: str
    law_en: str
    keywords: str = ""


def _act(
    zh: str, en: str, needs_zh: str, needs_en: str, days: int, gives_zh: str, gives_en: str,
    keywords: str = "",
) -> Act:  # fmt: skip
    licence = "许可" in gives_zh or "证" in gives_zh
    return Act(
        zh,
        en,
        "行政许可" if licence else "公共服务",
        "Licence" if licence else "Public service",
        "符合法律法规规定的条件",
        "The conditions of the law are met",
        needs_zh,
        needs_en,
        f"法定 20个工作日，承诺 {days}个工作日",
        f"By law: 20 working days; promised: {days} working days",
        gives_zh,
        gives_en,
        keywords,
    )


ACTS: Mapping[Kind, tuple[Act, ...]] = {
    "licence": (
        _act("（新办）", "{}: first application", "申请书、身份证明、场所证明",
             "Application, proof of identity, proof of premises", 5, "许可证", "The licence",
             "新办 办证 开店"),
        _act("（变更）", "{}: change", "变更申请书、原许可证",
             "Application for the change, the present licence", 3, "变更后的许可证",
             "The changed licence", "变更 改名"),
        _act("（延续）", "{}: renewal", "延续申请书、原许可证",
             "Application for renewal, the present licence", 3, "延续后的许可证",
             "The renewed licence", "延期 续期 换证"),
        _act("（注销）", "{}: cancellation", "注销申请书、原许可证",
             "Application for cancellation, the licence", 1, "准予注销决定书",
             "The decision", "注销 关店"),
    ),
    "service": (
        _act("申请", "{}: application", "身份证、申请表", "ID card, application form", 5,
             "办理结果告知", "Notice of the result", "申领 办理"),
        _act("信息变更", "{}: change of data", "身份证、变更材料",
             "ID card, papers about the change", 1, "变更结果告知", "Notice of the change", "修改"),
    ),
}  # fmt: skip

_MARKET = ("市场监督管理局", "Market Regulation Bureau", "SC")
_HEALTH = ("卫生健康局", "Health Commission", "WJ")
_TRANSPORT = ("交通运输局", "Transport Bureau", "JT")
_HOUSING = ("住房和城乡建设局", "Housing and Construction Bureau", "ZJ")
_CULTURE = ("文化和旅游局", "Culture and Tourism Bureau", "WL")
_EDUCATION = ("教育和体育局", "Education and Sports Bureau", "JY")
_FARMING = ("农业农村局", "Agriculture Bureau", "NY")
_SEA = ("海洋发展局", "Marine Development Bureau", "HY")
_WATER = ("水利局", "Water Bureau", "SL")
_CITY = ("综合行政执法局", "Urban Management Bureau", "CG")
_EMERGENCY = ("应急管理局", "Emergency Management Bureau", "YJ")
_CIVIL = ("民政局", "Civil Affairs Bureau", "MZ")
_VETERANS = ("退役军人事务局", "Veterans Affairs Bureau", "TY")
_DISABLED = ("残疾人联合会", "Disabled Persons' Federation", "CL")
_LABOUR = ("人力资源和社会保障局", "Human Resources Bureau", "RS")
_POLICE = ("公安局", "Public Security Bureau", "GA")
_INSURANCE = ("医疗保障局", "Healthcare Security Bureau", "YB")
_FUND = ("住房公积金管理中心", "Housing Provident Fund Centre", "GJ")

SUBJECTS: tuple[Subject, ...] = (
    Subject("licence", "食品经营许可", "Food business licence", *_MARKET, "licence", "business",
            "《中华人民共和国食品安全法》", "Food Safety Law", "餐馆 饭店 超市 食品证"),
    Subject("licence", "食品生产许可", "Food production licence", *_MARKET, "licence", "business",
            "《中华人民共和国食品安全法》", "Food Safety Law", "食品厂"),
    Subject("licence", "药品零售许可", "Pharmacy licence", *_MARKET, "licence", "business",
            "《中华人民共和国药品管理法》", "Drug Administration Law", "药店"),
    Subject("licence", "第二类医疗器械经营备案", "Medical device trade record", *_MARKET,
            "licence", "business", "《医疗器械监督管理条例》", "Medical Device Regulation", "器械"),
    Subject("licence", "特种设备使用登记", "Special equipment registration", *_MARKET, "licence",
            "business", "《中华人民共和国特种设备安全法》", "Special Equipment Safety Law", "电梯 锅炉"),
    Subject("licence", "公共场所卫生许可", "Public hygiene licence", *_HEALTH, "licence", "business",
            "《公共场所卫生管理条例》", "Public Hygiene Regulation", "理发店 宾馆 浴池 卫生证"),
    Subject("licence", "医疗机构执业登记", "Clinic registration", *_HEALTH, "licence", "business",
            "《医疗机构管理条例》", "Medical Institution Regulation", "诊所"),
    Subject("licence", "护士执业注册", "Nurse registration", *_HEALTH, "licence", "work",
            "《护士条例》", "Nurse Regulation", "护士证"),
    Subject("licence", "道路货物运输经营许可", "Road freight licence", *_TRANSPORT, "licence",
            "business", "《中华人民共和国道路运输条例》", "Road Transport Regulation", "货车 营运证"),
    Subject("licence", "出租汽车经营许可", "Taxi licence", *_TRANSPORT, "licence", "business",
            "《巡游出租汽车经营服务管理规定》", "Taxi Service Rules", "出租车 网约车"),
    Subject("licence", "机动车维修经营备案", "Vehicle repair record", *_TRANSPORT, "licence",
            "business", "《中华人民共和国道路运输条例》", "Road Transport Regulation", "修车"),
    Subject("licence", "建筑工程施工许可", "Construction permit", *_HOUSING, "licence", "business",
            "《中华人民共和国建筑法》", "Construction Law", "开工 施工证"),
    Subject("licence", "商品房预售许可", "Pre-sale permit", *_HOUSING, "licence", "business home",
            "《中华人民共和国城市房地产管理法》", "Urban Real Estate Law", "卖房 楼盘"),
    Subject("licence", "燃气经营许可", "Gas business licence", *_HOUSING, "licence", "business",
            "《城镇燃气管理条例》", "Urban Gas Regulation", "煤气"),
    Subject("licence", "营业性演出许可", "Commercial performance permit", *_CULTURE, "licence",
            "business", "《营业性演出管理条例》", "Performance Regulation", "演唱会"),
    Subject("licence", "歌舞娱乐场所经营许可", "Entertainment venue licence", *_CULTURE, "licence",
            "business", "《娱乐场所管理条例》", "Entertainment Venue Regulation", "KTV 网吧"),
    Subject("licence", "旅行社设立许可", "Travel agency licence", *_CULTURE, "licence", "business",
            "《旅行社条例》", "Travel Agency Regulation", "旅游"),
    Subject("licence", "民办学校办学许可", "Private school licence", *_EDUCATION, "licence",
            "business study", "《中华人民共和国民办教育促进法》", "Private Education Law", "培训班 幼儿园"),
    Subject("licence", "教师资格认定", "Teacher qualification", *_EDUCATION, "licence", "work",
            "《教师资格条例》", "Teacher Qualification Regulation", "教师证 教资"),
    Subject("licence", "兽药经营许可", "Veterinary drug licence", *_FARMING, "licence", "business",
            "《兽药管理条例》", "Veterinary Drug Regulation", "兽医"),
    Subject("licence", "农药经营许可", "Pesticide licence", *_FARMING, "licence", "business",
            "《农药管理条例》", "Pesticide Regulation", "农药店"),
    Subject("licence", "种子生产经营许可", "Seed business licence", *_FARMING, "licence", "business",
            "《中华人民共和国种子法》", "Seed Law", "种子店"),
    Subject("licence", "渔业捕捞许可", "Fishing licence", *_SEA, "licence", "work business",
            "《中华人民共和国渔业法》", "Fisheries Law", "打鱼 渔船"),
    Subject("licence", "水域滩涂养殖证核发", "Aquaculture certificate", *_SEA, "licence", "business",
            "《中华人民共和国渔业法》", "Fisheries Law", "养殖 牡蛎 海参"),
    Subject("licence", "取水许可", "Water abstraction permit", *_WATER, "licence", "business",
            "《取水许可和水资源费征收管理条例》", "Water Abstraction Regulation", "打井"),
    Subject("licence", "户外广告设施设置审批", "Outdoor sign permit", *_CITY, "licence", "business",
            "《城市市容和环境卫生管理条例》", "City Appearance Regulation", "门头 招牌"),
    Subject("licence", "临时占用城市道路审批", "Temporary road use", *_CITY, "licence", "business",
            "《城市道路管理条例》", "City Road Regulation", "占道 摆摊"),
    Subject("licence", "危险化学品经营许可", "Hazardous chemicals licence", *_EMERGENCY, "licence",
            "business", "《危险化学品安全管理条例》", "Hazardous Chemicals Regulation", "加油站"),
    Subject("licence", "烟花爆竹零售许可", "Fireworks retail licence", *_EMERGENCY, "licence",
            "business", "《烟花爆竹安全管理条例》", "Fireworks Regulation", "鞭炮"),
    Subject("service", "最低生活保障", "Subsistence allowance", *_CIVIL, "approval", "family",
            "《社会救助暂行办法》", "Social Assistance Measures", "低保"),
    Subject("service", "特困人员供养", "Support for people in need", *_CIVIL, "approval", "family",
            "《社会救助暂行办法》", "Social Assistance Measures", "五保"),
    Subject("service", "高龄津贴", "Allowance for old age", *_CIVIL, "approval", "retirement",
            "《中华人民共和国老年人权益保障法》", "Law on the Rights of the Elderly", "老人补贴 八十岁"),
    Subject("service", "婚姻登记预约", "Marriage registration appointment", *_CIVIL, "approval",
            "family", "《婚姻登记条例》", "Marriage Registration Regulation", "结婚 离婚 领证"),
    Subject("service", "优待证", "Veteran's card", *_VETERANS, "approval", "work",
            "《中华人民共和国退役军人保障法》", "Veterans Law", "退伍 军人"),
    Subject("service", "残疾人证", "Disability card", *_DISABLED, "approval", "health",
            "《中华人民共和国残疾人保障法》", "Law on Disabled Persons", "残疾证"),
    Subject("service", "困难残疾人生活补贴", "Disability allowance", *_DISABLED, "approval", "health",
            "《中华人民共和国残疾人保障法》", "Law on Disabled Persons", "两项补贴"),
    Subject("service", "失业登记", "Unemployment registration", *_LABOUR, "social", "work",
            "《中华人民共和国就业促进法》", "Employment Promotion Law", "失业 没工作"),
    Subject("service", "失业保险金", "Unemployment benefit", *_LABOUR, "social", "work",
            "《失业保险条例》", "Unemployment Insurance Regulation", "失业金"),
    Subject("service", "职工退休", "Retirement of employees", *_LABOUR, "social", "retirement",
            "《中华人民共和国社会保险法》", "Social Insurance Law", "退休 养老金"),
    Subject("service", "工伤认定", "Recognition of work injury", *_LABOUR, "social", "work health",
            "《工伤保险条例》", "Work Injury Insurance Regulation", "工伤"),
    Subject("service", "创业担保贷款", "Start-up loan", *_LABOUR, "social", "business work",
            "《中华人民共和国就业促进法》", "Employment Promotion Law", "创业 贷款"),
    Subject("service", "户口迁移", "Moving the household register", *_POLICE, "approval",
            "family home", "《中华人民共和国户口登记条例》", "Household Registration Regulation",
            "迁户口 落户"),
    Subject("service", "居住证", "Residence permit", *_POLICE, "approval", "home work",
            "《居住证暂行条例》", "Residence Permit Regulation", "暂住证"),
    Subject("service", "出生登记", "Birth registration", *_POLICE, "approval", "family",
            "《中华人民共和国户口登记条例》", "Household Registration Regulation", "上户口 新生儿"),
    Subject("service", "异地就医备案", "Record for care elsewhere", *_INSURANCE, "medical", "health",
            "《中华人民共和国社会保险法》", "Social Insurance Law", "外地看病 转院"),
    Subject("service", "门诊慢特病认定", "Recognition of chronic illness", *_INSURANCE, "medical",
            "health", "《中华人民共和国社会保险法》", "Social Insurance Law", "慢性病 大病"),
    Subject("service", "生育津贴", "Maternity allowance", *_INSURANCE, "medical", "family",
            "《中华人民共和国社会保险法》", "Social Insurance Law", "生孩子 产假"),
    Subject("service", "公积金购房提取", "Provident fund for a flat", *_FUND, "approval", "home",
            "《住房公积金管理条例》", "Provident Fund Regulation", "取公积金 买房"),
    Subject("service", "公积金贷款", "Provident fund loan", *_FUND, "approval", "home",
            "《住房公积金管理条例》", "Provident Fund Regulation", "买房 贷款"),
    Subject("service", "公积金离职提取", "Provident fund on leaving work", *_FUND, "approval", "work",
            "《住房公积金管理条例》", "Provident Fund Regulation", "离职 取公积金"),
)  # fmt: skip
