"""A slip as bytes: columns, character set, and that no text is ever a command."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from devices.printer.columns import clean, printable, width, wrap
from devices.printer.conversation import OPENS_A_DRAWER, Conversation
from devices.printer.encode import UnprintableSlip, encode
from devices.printer.layout import (
    Align,
    Barcode,
    Block,
    Column,
    Feed,
    Line,
    Pair,
    Picture,
    QrCode,
    Rule,
    Slip,
    Table,
)
from devices.printer.profiles import PROFILES
from devices.printer.raster import has_real_time
from devices.printer.tables import table_lines
from devices.simulators import paper
from devices.simulators.printer_commands import Command, CommandReader, RealTimeReader, Text
from devices.simulators.printer_mechanism import Mechanism
from tests.devices.printer.stand import VOUCHER, receipt

WIDE, NARROW = PROFILES["epson-80"], PROFILES["epson-58"]
SENT = {
    "LF", "ESC @", "ESC R", "ESC a", "ESC E", "ESC J", "ESC d", "FS &", "GS !", "GS v", "GS ( k",
    "GS V",
}  # fmt: skip
ANY_TEXT = st.text(max_size=80)
BLOCKS = st.one_of(
    st.builds(Line, ANY_TEXT, st.sampled_from(Align), st.sampled_from([1, 2]), st.booleans()),
    st.builds(Pair, ANY_TEXT, ANY_TEXT, st.sampled_from([1, 2]), st.booleans()),
    st.just(Rule()),
    st.builds(Feed, st.integers(0, 5)),
)


def commands(data: bytes) -> list[Text | Command]:
    reader = CommandReader()
    reader.feed(data)
    found = []
    while (item := reader.next()) is not None:
        found.append(item)
    assert len(reader) == 0, "a command is not whole"
    return found


def sent(slip: Slip, profile: str = "epson-80") -> bytes:
    return b"".join(encode(slip, PROFILES[profile]).pieces)


def one(block: Block, profile: str = "epson-80") -> bytes:
    return sent(Slip("job", (block,)), profile)


def test_a_line_is_gbk_between_reset_and_cut() -> None:
    assert one(Line("中A1")).hex(" ") == "1b 40 1b 52 00 1c 26 d6 d0 41 31 0a 1d 56 42 00"


def test_the_yen_sign_is_sent_as_the_chinese_one() -> None:
    assert "￥12.5".encode("gbk") in one(Line("¥12.5"))


def test_a_pair_reaches_from_edge_to_edge() -> None:
    text = next(t.data for t in commands(one(Pair("缴费年度", "2026"))) if isinstance(t, Text))
    assert len(text) == 48
    assert text.startswith("缴费年度".encode("gbk"))
    assert text.endswith(b"2026")


def test_a_qr_code_is_made_by_the_printer_at_level_m() -> None:
    symbol = [c.data for c in commands(one(QrCode(VOUCHER))) if getattr(c, "name", "") == "GS ( k"]
    assert symbol == [b"1A2\0", b"1C\x06", b"1E1", b"1P0" + VOUCHER.encode(), b"1Q0"]


def test_a_printer_without_qr_codes_gets_a_picture() -> None:
    names = {c.name for c in commands(one(QrCode(VOUCHER), "plain-58")) if isinstance(c, Command)}
    assert "GS v" in names
    assert "GS ( k" not in names


def test_a_qr_code_that_fits_no_paper_is_refused_without_its_content() -> None:
    with pytest.raises(UnprintableSlip) as refused:
        one(QrCode("x" * 3000))
    assert "xxx" not in str(refused.value)


@pytest.mark.parametrize("name", ["䶮", "𬭎", "王𠮷", "㛃·买买提"])
def test_a_rare_name_is_drawn_and_its_neighbours_are_not(name: str) -> None:
    data = one(Pair("姓名", name)) + one(Pair("金额", "1"))
    assert [c.name for c in commands(data) if isinstance(c, Command)].count("GS v") == 1
    assert "〓".encode("gbk") not in data


@pytest.mark.parametrize("profile", ["epson-80", "epson-58"])
@pytest.mark.parametrize("name", ["王*兰", "䶮*𬭎"])
def test_a_slip_is_a_tenth_of_its_raster_at_most(profile: str, name: str) -> None:
    # GIVEN the paper that the simulator would burn for the slip
    from devices.simulators.printer_mechanism import Mechanism

    slip = receipt(name=name)
    mechanism = Mechanism(PROFILES[profile].dots)
    before = mechanism.roll.fed
    for item in commands(sent(slip, profile)):
        mechanism.obey(item)
    raster = (mechanism.roll.fed - before) * PROFILES[profile].dots // 8
    # THEN
    assert encode(slip, PROFILES[profile]).size * 10 <= raster


def test_control_characters_in_a_name_print_as_blanks() -> None:
    poison = "王\x1b@\x1dV\x00\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\n已缴费\x1c."
    names = [c.name for c in commands(one(Pair("姓名", poison))) if isinstance(c, Command)]
    assert names.count("ESC @") == 1
    assert names.count("GS V") == 1
    assert "FS ." not in names


@settings(deadline=None, max_examples=150)
@given(st.lists(BLOCKS, max_size=6), st.sampled_from(["epson-80", "epson-58", "plain-58"]))
def test_no_text_becomes_a_command_or_passes_the_edge(blocks: list[Block], name: str) -> None:
    profile = PROFILES[name]
    encoded = encode(Slip("job", tuple(blocks)), profile)
    magnified = 1
    for item in (i for piece in encoded.pieces for i in commands(piece)):
        if isinstance(item, Text):
            assert len(item.data) * magnified <= profile.columns
            assert unicodedata.normalize("NFC", item.data.decode("gbk")).isprintable()
        else:
            assert item.name in SENT
            if item.name == "GS !":
                magnified = (item.data[0] & 7) + 1
    assert not list(RealTimeReader().feed(b"".join(encoded.pieces)))


@given(st.text(max_size=300).filter(lambda text: clean(text)))
@settings(deadline=None, max_examples=60)
def test_no_qr_content_becomes_a_real_time_command(data: str) -> None:
    for profile in ("epson-58", "plain-58"):
        assert not has_real_time(one(QrCode(data), profile))


@given(ANY_TEXT, st.integers(2, 48))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


@given(ANY_TEXT)
def test_what_the_printer_has_is_as_wide_as_its_bytes(text: str) -> None:
    own = printable(clean(text))
    assert own is None or width(clean(text)) == len(own)


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("本人不动产登记信息", 8, ["本人不动", "产登记信", "息"]),
        ("已入账，谢谢", 6, ["已入", "账，谢", "谢"]),
        ("（含地下室）", 6, ["（含地", "下室）"]),
        ("pension paid", 8, ["pension", "paid"]),
        ("371083199001011234", 8, ["37108319", "90010112", "34"]),
        ("", 8, [""]),
    ],
)
def test_lines_break_where_a_typesetter_would(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines


# --- tables, pictures, barcodes, cuts --------------------------------------------------------------


def printed(block: Block, profile: str = "epson-80") -> list[str]:
    mechanism = Mechanism(PROFILES[profile].dots)
    for item in commands(one(block, profile)):
        mechanism.obey(item)
    return mechanism.tear().text().split("\n")


TABLE = Table(
    (Column(share=3), Column(Align.RIGHT), Column(Align.RIGHT)),
    (
        ("项目", "数量", "金额"),
        ("城乡居民基本养老保险费", "1", "￥300.00"),
        ("Fee", "12", "￥1.50"),
    ),
    bold_head=True,
)


@pytest.mark.parametrize("profile", ["epson-80", "epson-58"])
def test_a_table_s_columns_stand_under_each_other(profile: str) -> None:
    lines = printed(TABLE, profile)
    assert {width(line) for line in lines if line.rstrip()[-1:].isdigit()} == {
        PROFILES[profile].columns
    }
    assert "".join(line.split(" ")[0] for line in lines[1:-1]) == "城乡居民基本养老保险费"


@given(
    st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=4),
    st.lists(st.integers(-1, 9), min_size=3, max_size=3),
    st.integers(2, 48),
)
def test_no_table_is_wider_than_the_paper_or_loses_a_character(
    rows: list[tuple[str, ...]], shares: list[int], columns: int
) -> None:
    table = Table(tuple(Column(share=share) for share in shares), tuple(rows))
    lines = [line for line, _ in table_lines(table, columns)]
    assert all(width(line) <= columns for line in lines)
    kept = sorted("".join(lines).replace(" ", ""))
    assert kept == sorted(clean("".join(map("".join, rows))).replace(" ", ""))


def picture_file(size: tuple[int, int], data: bytes) -> bytes:
    file = io.BytesIO()
    Image.frombytes("1", size, data).save(file, "PNG")
    return file.getvalue()


def test_a_logo_comes_out_dot_for_dot_in_bands() -> None:
    # GIVEN a picture taller than a band, of every byte there is
    dots = bytes(range(256)) * 10
    data = one(Picture(picture_file((128, 160), bytes(255 - dot for dot in dots))))
    # THEN
    bands = [c.data for c in commands(data) if isinstance(c, Command) and c.name == "GS v"]
    assert [band[4] for band in bands] == [64, 64, 32]
    sent_dots = b"".join(band[6:] for band in bands)
    differing = sum((a ^ b).bit_count() for a, b in zip(dots, sent_dots, strict=True))
    assert differing <= 2 * len(OPENS_A_DRAWER) * 10  # a dot for each pair that would be a command


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from([b"\x1b\x70", b"\x10\x14\x01", b"\x10\x04\x01", b"\x10\x14", b"\x00", b"\x1b"]),
        min_size=96, max_size=96,
    ),
    st.sampled_from(["epson-80", "plain-58", "no-chinese-80"]),
    ANY_TEXT,
)  # fmt: skip
def test_no_picture_and_no_text_kicks_a_drawer(parts: list[bytes], name: str, text: str) -> None:
    dots = b"".join(parts)[:96]
    dots += bytes(96 - len(dots))
    picture = picture_file((64, 12), bytes(255 - dot for dot in dots))
    blocks = (
        Picture(picture, Align.LEFT),
        Line(text + "\x1bp\x00\x19\x19"),
        QrCode("\x10\x14\x01" + text[:40]),
    )
    whole = sent(Slip("job", blocks), name)
    assert not any(pulse in whole for pulse in OPENS_A_DRAWER)
    assert not list(RealTimeReader().feed(whole))


def test_the_line_itself_refuses_a_pulse() -> None:
    talk = Conversation(Silence(), PROFILES["epson-80"])
    talk.write(b"\x10\x14")
    with pytest.raises(AssertionError):
        talk.write(b"\x01\x00\x01")
    with pytest.raises(AssertionError):
        Conversation(Silence(), PROFILES["epson-80"]).write(b"\x1bp\x00\x19\xfa")


class Silence:
    """A wire to nowhere."""

    connection_is_a_job = False

    def send(self, data: bytes, seconds: float) -> int:
        return len(data)

    def read(self, seconds: float) -> bytes:
        return b""

    def port_status(self) -> int | None:
        return None

    def trouble(self) -> None:
        return None

    def finish(self, over: Callable[[], bool]) -> bool:
        return False

    def close(self) -> None:
        return


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"x" * 40])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UnprintableSlip):
        one(Picture(content))


@pytest.mark.parametrize("profile", ["epson-80", "epson-58"])
def test_a_barcode_can_be_read(profile: str) -> None:
    mechanism = Mechanism(PROFILES[profile].dots)
    for item in commands(one(Barcode("P261124-7KQ2M9XA"), profile)):
        mechanism.obey(item)
    (code,) = zxingcpp.read_barcodes(paper.picture(mechanism.tear()))
    assert (code.text, code.format) == ("P261124-7KQ2M9XA", zxingcpp.BarcodeFormat.Code128)


def test_what_is_no_barcode_is_refused() -> None:
    for data in ("", "汉字", "x" * 60):
        with pytest.raises(UnprintableSlip):
            one(Barcode(data))


@pytest.mark.parametrize(
    ("profile", "ending"),
    [
        ("epson-80", "1d564200"),
        ("kiosk-presenter-80", "1d564100"),
        ("better-bt-532c", "1b64041b69"),
        ("xprinter-58", "1b6405"),
    ],
)
def test_each_model_is_cut_as_it_can_be(profile: str, ending: str) -> None:
    assert sent(Slip("job", (Line("x"),)), profile).endswith(bytes.fromhex(ending))


def test_a_printer_without_chinese_gets_pictures_of_it_and_text_of_the_rest() -> None:
    names = [c.name for c in commands(one(Line("中文"), "no-chinese-80")) if isinstance(c, Command)]
    assert "GS v" in names
    assert "FS &" not in names
    assert b"Text\n" in one(Line("Text"), "no-chinese-80")


@given(st.integers(1, 2331))
@settings(deadline=None, max_examples=30)
def test_a_native_qr_code_is_never_wider_than_the_paper(size: int) -> None:
    data = ("https://x.example/" + "aZ" * size)[:size]
    for name in ("epson-80", "epson-58"):
        for command in commands(one(QrCode(data, 16), name)):
            if isinstance(command, Command) and command.name == "GS ( k" and command.data[1] == 67:
                matrix = segno.make_qr(data, error="m", boost_error=False, mask=0).matrix
                assert command.data[2] * len(matrix) <= max(PROFILES[name].dots, len(matrix))


def test_every_profile_prints_a_whole_slip() -> None:
    for name, profile in PROFILES.items():
        assert profile.name == name
        encoded = encode(receipt(), profile)
        assert encoded.dots > 8 * 40
        assert encoded.size < 40_000
