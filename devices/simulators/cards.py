"""Invented people and their cards: for the simulated reader, the sandbox and the tests.

Nobody here exists. Numbers are of Rushan (371083) with right check characters; addresses name streets
that any town has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from devices.chipcard.social import Holder, SocialCard
from devices.idcard.record import CardForm, IdCard, check_character

DIVISION = "371083"
"""GB/T 2260: Rushan, Weihai, Shandong."""

TOWN = "山东省乳山市"
ISSUER = "乳山市公安局"

MALE, FEMALE = "1", "2"

_PEOPLE = """
wang-xiulan     王秀兰    2 19630412 01 城区街道胜利街18号2单元301室
zhang-jianguo   张建国    1 19580920 01 夏村镇建设村5号
li-na           李娜      2 19900305 01 城区街道商业街66号
liu-yang        刘洋      1 19950718 01 白沙滩镇海景路9号
chen-jing       陈静      2 19880123 01 银滩旅游度假区长江路100号
yang-guang      杨光      1 19791211 01 育黎镇东村12号
zhao-min        赵敏      2 19830629 01 崖子镇中心街3号
sun-lizhen      孙丽珍    2 19480808 01 冯家镇西村27号
zhou-haitao     周海涛    1 19860214 01 海阳所镇渔港路41号
wu-guihua       吴桂花    2 19550501 01 徐家镇南村8号
xu-xiaofeng     徐晓峰    1 19980930 01 诸往镇北街15号
ma-yusuf        马玉素甫  1 19920417 03 城区街道青山路77号
yimu            阿依木·买买提  2 19940611 05 城区街道黄山路30号
jin-yingzi      金英子    2 19810203 10 银滩旅游度假区黄河路52号
hu-xinyi        胡欣怡    2 20090315 01 城区街道向阳街21号
guo-degang      郭德福    1 19470126 01 下初镇石村6号
lin-feng        林峰      1 19750807 01 午极镇大街19号
he-xiuying      何秀英    2 19530919 01 南黄镇东街33号
gao-qiang       高强      1 19890410 01 大孤山镇工业路2号
liang-chen      梁辰      1 20010622 01 乳山口镇港湾路14号
luo-hong        罗红      2 19770130 01 乳山寨镇寨东村9号
song-jiang      宋江涛    1 19840525 01 城区街道深圳路88号
zheng-shuang    郑爽爽    2 19960901 01 城区街道世纪大道120号
xie-wen         谢文      1 19701017 01 夏村镇黄山村4号
han-mei         韩梅      2 19820713 01 城区街道胜利街98号
tang-wei        唐伟      1 19931120 01 白沙滩镇焉家村11号
feng-yan        冯㛃      2 19870228 01 海阳所镇所后村23号
dong-yan        董䶮      1 19760606 01 育黎镇西街7号
cao-cong        曹𬭎      1 19990103 01 崖子镇南寺村16号
bai-xue         白雪      2 20051215 01 冯家镇河滨路5号
yu-zhengsheng   于正生    1 19610318 01 徐家镇洋村40号
cui-yuanyuan    崔圆圆    2 19910820 01 诸往镇东尚山村1号
jiang-haibo     姜海波    1 19850109 01 下初镇下初村29号
ding-ling       丁玲      2 19680427 01 南黄镇归仁村10号
gong-xiumei     宫秀梅    2 19660504 01 大孤山镇万户村13号
sima-xiangru    司马相儒  1 19730222 01 乳山口镇旗杆石村2号
"""
"""slug, name, sex (GB/T 2261.1), birth, nation (GB/T 3304), address within the town."""

LONG_TERM_FROM_AGE = 46
"""Resident ID Card Law, article 5: from 46 on a card is valid for good."""

ISSUED = date(2018, 6, 1)


def id_number(birth: str, place: int, sex: str, division: str = DIVISION) -> str:
    """An 18-character number: odd sequence for men, even for women (GB 11643)."""
    sequence = place * 2 + (1 if sex == MALE else 2)
    body = f"{division}{birth}{sequence:03d}"
    return body + check_character(body)


def _residents() -> Iterator[tuple[str, IdCard]]:
    for place, line in enumerate(_PEOPLE.strip().splitlines(), start=20):
        slug, name, sex, born, nation, address = line.split()
        birth = date(int(born[:4]), int(born[4:6]), int(born[6:]))
        age = ISSUED.year - birth.year
        long_term = age >= LONG_TERM_FROM_AGE
        years = 5 if age < 16 else 10 if age < 26 else 20
        issued = ISSUED if age >= 16 else date(2024, 6, 1)
        yield (
            slug,
            IdCard(
                form=CardForm.RESIDENT,
                name=name,
                id_number=id_number(born, place, sex),
                sex=sex,
                nation=nation,
                birth=birth,
                address=TOWN + address,
                issuer=ISSUER,
                valid_from=issued,
                valid_to=None if long_term else issued.replace(year=issued.year + years),
                long_term=long_term,
            ),
        )


def _others() -> Iterator[tuple[str, IdCard]]:
    yield (
        "expired",
        IdCard(
            form=CardForm.RESIDENT,
            name="钱过期",
            id_number=id_number("19870611", 60, MALE),
            sex=MALE,
            nation="01",
            birth=date(1987, 6, 11),
            address=TOWN + "城区街道旧街1号",
            issuer=ISSUER,
            valid_from=date(2004, 3, 1),
            valid_to=date(2024, 3, 1),
        ),
    )
    yield (
        "chan-siu-ming",
        IdCard(
            form=CardForm.HMT,
            name="陈小明",
            id_number=id_number("19840217", 61, MALE, "810000"),
            sex=MALE,
            birth=date(1984, 2, 17),
            address=TOWN + "银滩旅游度假区长江路200号",
            issuer=ISSUER,
            valid_from=date(2022, 5, 9),
            valid_to=date(2027, 5, 9),
            pass_number="H12345678",
            issue_count="01",
        ),
    )
    yield (
        "maria-schmidt",
        IdCard(
            form=CardForm.FOREIGNER_2017,
            name="玛丽亚",
            english_name="SCHMIDT, MARIA THERESIA",
            id_number="DEU371083780115",
            sex=FEMALE,
            country="DEU",
            birth=date(1978, 1, 15),
            issuer="1500",
            valid_from=date(2019, 9, 1),
            valid_to=date(2029, 9, 1),
        ),
    )
    yield (
        "john-carpenter",
        IdCard(
            form=CardForm.FOREIGNER_2023,
            name="CARPENTER, JOHN ALEXANDER FITZGERALD III",
            english_name="CARPENTER, JOHN ALEXANDER FITZGERALD III",
            id_number=id_number("19690420", 62, MALE, "911371"),
            sex=MALE,
            country="USA",
            birth=date(1969, 4, 20),
            valid_from=date(2024, 2, 1),
            valid_to=date(2034, 2, 1),
            issue_count="01",
        ),
    )


CARDS: Mapping[str, IdCard] = MappingProxyType(dict([*_residents(), *_others()]))
"""Every card by its slug; the first is the one that a bench lays by default."""

CITIZENS: tuple[str, ...] = tuple(
    slug for slug, card in CARDS.items() if card.form is CardForm.RESIDENT and slug != "expired"
)
"""The slugs of the residents with a valid card."""

SOCIAL_CARD_YEARS = 10


def _social_card(place: int, card: IdCard) -> SocialCard:
    issued = date(2021, 1 + place % 12, 1 + place % 28)
    return SocialCard(
        card_number=f"K{place:08d}",
        card_id=f"{DIVISION}D156000005{place:012d}FFFF",
        card_class="3",
        version="3.00",
        issuer=f"911560000002{DIVISION}{place:06d}",
        issued=issued,
        valid_until=issued.replace(year=issued.year + SOCIAL_CARD_YEARS),
        holder=Holder(
            id_number=card.id_number,
            name=card.name,
            sex=card.sex,
            nation=card.nation,
            birthplace=DIVISION,
            birth=card.birth,
        ),
    )


SOCIAL_CARDS: Mapping[str, SocialCard] = MappingProxyType(
    {slug: _social_card(place, CARDS[slug]) for place, slug in enumerate(CITIZENS, start=1)}
)
"""The residents' social-security cards by the same slugs."""
