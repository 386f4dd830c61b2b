"""Hanzi come from a process of their own: whatever becomes of it, the terminal goes on, and keeps nothing."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.log import Record, attach
from screens.keyboard import pinyin as client
from screens.keyboard.engine import MOST_SYLLABLES, NEUTRAL, Hanzi, open_library
from screens.keyboard.pinyin import COMMAND, Candidate, Pinyin
from screens.keyboard.places import PLACES, places_put_in

ENGINE = COMMAND[-1]
WITHIN_S = 60.0

# --- what the engine finds ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hanzi() -> Hanzi:
    found = open_library()
    assert found is not None, "Debian's libgooglepinyin0 is missing (requirements/apt.txt)"
    return found


def suggested(hanzi: Hanzi, letters: str) -> list[Candidate]:
    return places_put_in(letters, [Candidate(*one) for one in hanzi.candidates(letters)])


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("rushan", "乳山"),
        ("zhangsan", "张三"),
        ("xi'an", "西安"),
        ("chongqing", "重庆"),
        ("yinhang", "银行"),
        ("shengli", "胜利"),
        ("nv", "女"),
        ("lve", "略"),
        ("zhgr", "中国人"),
    ],
)
def test_pinyin_becomes_hanzi(hanzi: Hanzi, letters: str, text: str) -> None:
    found = {one.text: one.letters for one in suggested(hanzi, letters)}
    assert found[text] == len(letters)


def test_a_beginning_of_long_pinyin_is_found_with_its_letters(hanzi: Hanzi) -> None:
    found = dict(hanzi.candidates("shandongshengweihaishi"))
    assert found["山东省"] == len("shandongsheng")
    assert dict(hanzi.candidates("weihaishi"))["威海市"] == len("weihaishi")


@pytest.mark.parametrize(("letters", "text"), PLACES.items())
def test_places_around_here_come_first(hanzi: Hanzi, letters: str, text: str) -> None:
    assert suggested(hanzi, letters)[0] == Candidate(text, len(letters))
    longer = {one.text: one.letters for one in suggested(hanzi, f"{letters}'lu")}
    assert longer[text] == len(letters)


def test_a_place_is_suggested_once(hanzi: Hanzi) -> None:
    texts = [one.text for one in suggested(hanzi, "weihaishi")]
    assert len(texts) == len(set(texts))


@given(st.text(max_size=30))
def test_the_engine_takes_any_text(letters: str) -> None:
    found = open_library()
    assert found is not None
    assert all(text for text, _ in found.candidates(letters))


def test_what_was_typed_is_overwritten_once_nothing_waits(hanzi: Hanzi) -> None:
    # GIVEN pinyin in the library's memory
    hanzi.candidates("zhangsanfeng")
    assert b"zhangsan" in decoded(hanzi)

    # WHEN nothing waits any more
    hanzi.candidates("")

    # THEN it is there no more
    assert decoded(hanzi) == NEUTRAL


def decoded(hanzi: Hanzi) -> bytes:
    """The letters in the library's memory."""
    spelling = hanzi._library.im_get_sps_str
    spelling.restype = ctypes.c_char_p
    text: bytes = spelling(ctypes.byref(ctypes.c_size_t()))
    return text


def test_importing_the_keyboard_opens_no_library() -> None:
    # GIVEN a process in which ctypes refuses to open anything
    program = (
        "import ctypes\n"
        "def refuse(*_, **__): raise AssertionError('opened')\n"
        "ctypes.CDLL = refuse\n"
        "import screens.keyboard.typing, screens.keyboard.pinyin, screens.keyboard.engine\n"
    )

    # THEN the modules can be imported
    subprocess.run([sys.executable, "-c", program], check=True, timeout=WITHIN_S)


def test_the_library_is_missing_where_it_cannot_be_opened() -> None:
    assert open_library("libnothing.so.0") is None


# --- the process ----------------------------------------------------------------------------------

PIECES = ["a", "an", "ang", "e", "n", "g", "ng", "o", "z", "zh", "u", "v", "xian", "guan", "'"]


@settings(deadline=None, max_examples=8)
@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), max_size=80))
def test_no_pinyin_ends_the_process_or_goes_beyond_its_letters(units: list[list[str]]) -> None:
    # GIVEN repeated short syllables, on which the library ends its process where it is let
    asked = [("".join(unit) * 40)[: 1 + 7 * n % 40] for n, unit in enumerate(units)]

    # WHEN a process is asked for all of them
    lines = "".join(f"{n} {letters}\n" for n, letters in enumerate(asked))
    ended = subprocess.run(COMMAND, input=lines.encode(), capture_output=True, timeout=WITHIN_S)

    # THEN it answers every one, with hanzi for a beginning
    said = ended.stdout.decode().splitlines()
    assert (ended.returncode, len(said)) == (0, 1 + len(asked))
    for letters, line in zip(asked, said[1:], strict=True):
        for word in line.split("\t")[1:]:
            text, count = word.rsplit(" ", 1)
            assert 0 < int(count) <= len(letters)
            assert 0 < len(text) <= MOST_SYLLABLES


def program(text: str) -> Sequence[str]:
    """An engine that is this program; `engine` is the real one's module."""
    beginning = (
        "import os, runpy, signal, sys, time\n"
        f"sys.path.insert(0, {str(Path(ENGINE).parent)!r})\n"
        "import engine\n"
        "def say(text): sys.stdout.write(text + '\\n'); sys.stdout.flush()\n"
    )
    return (sys.executable, "-I", "-S", "-c", beginning + text)


UNBOUND = program("engine.MOST_SYLLABLES = engine.MOST_LETTERS = 99\nengine.main()")
"""The engine without its bounds."""

ASSERTS = "ananananananananan"


async def ask(engine: Pinyin, letters: str) -> Sequence[Candidate] | None:
    """One question, and its answer."""
    answer: asyncio.Future[Sequence[Candidate] | None] = asyncio.get_running_loop().create_future()
    engine.ask(letters, answer.set_result)
    return await asyncio.wait_for(answer, WITHIN_S)


@contextmanager
def events() -> Iterator[list[Record]]:
    written: list[Record] = []
    detach = attach(written.append)
    written.clear()  # of what was written before anybody read it
    try:
        yield written
    finally:
        detach()


@contextmanager
def engine_of(command: Sequence[str] = COMMAND) -> Iterator[Pinyin]:
    engine = Pinyin(command)
    try:
        yield engine
    finally:
        engine.close()


async def test_questions_are_answered_in_their_order_and_none_is_learnt_from() -> None:
    with engine_of() as engine:
        first = await ask(engine, "shi")
        assert first
        assert len(first) > 20
        for _ in range(10):
            await ask(engine, "zhangsan")
            await ask(engine, "")
        assert await ask(engine, "shi") == first


async def test_asking_does_not_wait() -> None:
    # GIVEN an engine that never says anything
    with engine_of(program("sys.stdin.read()")) as engine:
        # WHEN it is asked
        answers: list[object] = []
        engine.ask("ni", answers.append)

        # THEN the caller goes on, and the question stays open
        assert answers == []
        waiting = asyncio.ensure_future(engine.answered())
        done, _ = await asyncio.wait({waiting}, timeout=0)
        assert not done

    # WHEN it is closed, nobody waits for it any more
    await asyncio.wait_for(waiting, WITHIN_S)
    assert answers == []


def test_the_library_ends_its_process_where_it_is_let() -> None:
    ended = subprocess.run(
        UNBOUND, input=f"1 {ASSERTS}\n".encode(), capture_output=True, timeout=WITHIN_S
    )
    assert ended.returncode == -signal.SIGABRT


async def test_an_assertion_ends_its_process_and_not_this_one() -> None:
    # WHEN somebody types what the library's assertion does not bear
    with events() as written, engine_of(UNBOUND) as engine:
        # THEN there are no hanzi for it
        assert await ask(engine, ASSERTS) == ()

        # THEN others are found by the next process
        found = await ask(engine, "rushanshi")
        assert found
        assert found[0].letters == len("rushanshi")
        assert not engine.gone
    assert [one["event"] for one in written] == ["pinyin.failed"] * client.MOST_TRIES


async def test_a_question_is_asked_again_where_its_process_was_killed(tmp_path: Path) -> None:
    # GIVEN an engine whose first process is killed in mid-question
    killed = tmp_path / "killed"
    text = (
        f"if os.path.exists({str(killed)!r}): engine.main()\n"
        "else:\n"
        "    say('ready'); sys.stdin.readline()\n"
        f"    open({str(killed)!r}, 'w').close(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with engine_of(program(text)) as engine:
        # THEN the next one answers
        found = await ask(engine, "zhangsan")
        assert found
        assert found[0] == Candidate("张三", 8)


async def test_a_process_killed_between_questions_is_not_missed() -> None:
    with engine_of() as engine:
        await ask(engine, "ni")
        first = engine.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert await ask(engine, "zhangsan")
        assert engine.pid != first


@pytest.mark.parametrize(
    "said",
    [
        "print('hello', flush=True)",
        "say('ready'); say('1')",
        "say('ready'); sys.stdin.readline(); say('nonsense')",
        "say('ready'); sys.stdin.readline(); say('7\\t\u5f20 2')",
        "say('ready'); sys.stdin.readline(); say('1\\t\u5f20 99')",
        "say('ready'); sys.stdin.readline(); say('1\\t\u5f20 0')",
        "say('ready'); sys.stdin.readline(); say('1\\t \u5f20')",
        "say('ready'); sys.stdin.readline(); sys.stdout.buffer.write(b'1\\t\\xff\\xfe 2\\n')",
        "say('ready'); sys.stdin.readline(); sys.stdout.write('x' * 200000)",
        "sys.exit(1)",
    ],
)
async def test_nonsense_is_no_answer(said: str) -> None:
    # GIVEN a process that says something else than an answer, then hangs
    with events() as written, engine_of(program(f"{said}\nsys.stdin.read()")) as engine:
        # WHEN pinyin is typed on and on
        answers = [await ask(engine, letters) for letters in ("ni", "hao", "ma")]

        # THEN there are no hanzi, and soon no engine
        assert not any(answers)
        assert engine.gone
        assert engine.pid is None
    names = [one["event"] for one in written]
    assert names == ["pinyin.failed"] * client.MOST_FAILURES + ["pinyin.gone"]


async def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN an engine that takes questions and says nothing, and little patience
    monkeypatch.setattr(client, "ANSWER_WITHIN_S", 0.01)
    with engine_of(program("say('ready')\nsys.stdin.read()")) as engine:
        # THEN the question is answered with nothing
        assert await ask(engine, "ni") == ()


async def test_one_that_does_not_start_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "START_WITHIN_S", 0.01)
    with engine_of(program("sys.stdin.read()")) as engine:
        assert await ask(engine, "ni") is None


@pytest.mark.parametrize(
    "command", [program("say('missing')"), ("/nowhere/python",)], ids=["library", "interpreter"]
)
async def test_without_library_or_interpreter_there_is_no_engine(command: Sequence[str]) -> None:
    with events() as written, engine_of(command) as engine:
        assert await ask(engine, "") is None
        assert engine.gone
        assert await ask(engine, "ni") is None
    assert [one["event"] for one in written] == ["pinyin.gone"]


async def test_a_slow_answer_comes_all_the_same(tmp_path: Path) -> None:
    # GIVEN an engine that answers once something is written into a pipe
    told = tmp_path / "told"
    os.mkfifo(told)
    text = f"say('ready'); sys.stdin.readline(); open({str(told)!r}).read(); say('1\\t\u4f60 2')\n"
    with engine_of(program(text + "sys.stdin.read()")) as engine:
        answers: list[object] = []
        engine.ask("ni", answers.append)
        assert answers == []

        # WHEN that is done, long after the question
        await asyncio.to_thread(told.write_text, "now")

        # THEN the answer comes
        await asyncio.wait_for(engine.answered(), WITHIN_S)
        assert answers == [[Candidate("你", 2)]]


# --- what is left ---------------------------------------------------------------------------------


async def test_each_visit_has_its_own_process() -> None:
    # GIVEN a visit in which hanzi were typed
    first = client.pinyin()
    await ask(first, "zhangsan")
    pid = first.pid
    assert pid is not None

    # WHEN it ends
    client.let_go()

    # THEN its process is gone, no zombie left, and the next visit has another
    await ended(pid)
    for thread in threading.enumerate():
        if thread.name == "pinyin-ended":
            thread.join(WITHIN_S)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    second = client.pinyin()
    assert second is not first
    assert await ask(second, "zhangsan")
    client.let_go()


async def ended(pid: int) -> None:
    """Wait until the process has ended, whosever child it is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, over.set)
    try:
        await asyncio.wait_for(over.wait(), WITHIN_S)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def test_it_ends_with_a_terminal_that_was_killed() -> None:
    # GIVEN a program that asks the engine, says its process's number, and is killed
    text = (
        "import asyncio\n"
        "from screens.keyboard.pinyin import Pinyin\n"
        "async def main():\n"
        "    engine = Pinyin()\n"
        "    engine.ask('ni', lambda _: print(engine.pid, flush=True))\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    terminal = await asyncio.create_subprocess_exec(
        sys.executable, "-c", text, stdout=asyncio.subprocess.PIPE
    )
    assert terminal.stdout is not None
    pid = int(await asyncio.wait_for(terminal.stdout.readline(), WITHIN_S))
    terminal.kill()
    await terminal.wait()

    # THEN the engine's process ends too
    await ended(pid)


def test_it_writes_no_file_and_knows_no_environment() -> None:
    # GIVEN the process as it is started, in the midst of a search
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=client._environment(),
        cwd="/",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"1 zhangsan\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"ready\n"
        assert process.stdout.readline().startswith(b"1\t")

        # THEN it has no file open for writing but its output, leaves no core, has no environment
        opened = Path(f"/proc/{process.pid}/fd")
        names = {os.readlink(one) for one in opened.iterdir()}
        assert not [one for one in names if one.startswith("/") and one != "/dev/null"]
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert "Max core file size        0" in limits
        assert b"HOME=" not in Path(f"/proc/{process.pid}/environ").read_bytes()
        process.stdin.close()
        assert process.wait(WITHIN_S) == 0
