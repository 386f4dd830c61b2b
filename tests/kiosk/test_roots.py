"""Before anybody prints: whether there are trusted roots, and how long each holds, in words that help."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli.commands import app
from kiosk.config import Config, load
from kiosk.doctor import seals
from kiosk.doctor.finding import Finding, Verdict
from kiosk.roots import RENEWED_WITHIN
from tests.kiosk import sealing
from tests.kiosk.sealing import NOW, Holder, Use, issued

DAY = timedelta(days=1)


def configured(directory: Path, *roots: Holder) -> Config:
    """A terminal whose departments are elsewhere, with these certificates in its file of roots."""
    file = directory / "terminal.toml"
    text = file.read_text(encoding="utf-8").replace("own = true", "own = false")
    if roots:
        (directory / "roots.pem").write_bytes(b"".join(root.pem for root in roots))
        text = text.replace("trusted_roots = []", 'trusted_roots = ["roots.pem"]')
    file.write_text(text, encoding="utf-8")
    config = load(directory)
    assert not isinstance(config, list), config
    return config


def found(directory: Path, *roots: Holder) -> list[Finding]:
    return list(seals.roots(configured(directory, *roots), directory, NOW))


def test_without_a_root_it_says_that_every_document_will_be_refused(config_dir: Path) -> None:
    (finding,) = found(config_dir)
    assert finding.verdict is Verdict.BAD
    assert "every sealed document will be refused" in finding.what
    assert "trusted_roots" in finding.remedy


def test_a_bench_with_its_own_sandbox_wants_none(config_dir: Path) -> None:
    config = load(config_dir)
    assert not isinstance(config, list)
    (finding,) = seals.roots(config, config_dir, NOW)
    assert finding.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("since", "left", "verdict", "word"),
    [
        (NOW - DAY, RENEWED_WITHIN + DAY, Verdict.OK, "holds until"),
        (NOW - DAY, RENEWED_WITHIN - DAY, Verdict.WARN, "in 89 days"),
        (NOW - DAY, timedelta(0), Verdict.BAD, "ended on"),
        (NOW + DAY, 2 * RENEWED_WITHIN, Verdict.BAD, "holds from"),
    ],
    ids=["long", "near its end", "over", "not yet"],
)
def test_how_long_a_root_holds_is_told(
    since: object, left: timedelta, verdict: Verdict, word: str, config_dir: Path
) -> None:
    root = sealing.root("省电子印章根", since=since, until=NOW + left)
    (finding,) = found(config_dir, root)
    assert finding.verdict is verdict
    assert word in finding.what
    assert "省电子印章根" in finding.what
    assert bool(finding.remedy) is (verdict is not Verdict.OK)


def test_each_certificate_of_a_file_is_looked_at(config_dir: Path) -> None:
    findings = found(config_dir, sealing.root("甲"), issued("某局", Use()))
    assert [finding.verdict for finding in findings] == [Verdict.OK, Verdict.BAD]
    assert "no authority" in findings[1].what


def test_a_file_that_was_taken_away_is_told(config_dir: Path) -> None:
    config = configured(config_dir, sealing.root())
    (config_dir / "roots.pem").unlink()
    (finding,) = seals.roots(config, config_dir, NOW)
    assert finding.verdict is Verdict.BAD


def test_config_check_warns_and_lets_the_terminal_start(config_dir: Path) -> None:
    configured(config_dir)
    done = CliRunner().invoke(app, ["config", "check", "--config", str(config_dir)])
    assert done.exit_code == 0
    assert "warning: documents: no trusted root" in done.output


def test_config_check_says_nothing_where_roots_hold(config_dir: Path) -> None:
    configured(config_dir, sealing.root(until=NOW + 3650 * DAY))
    done = CliRunner().invoke(app, ["config", "check", "--config", str(config_dir)])
    assert done.exit_code == 0
    assert "warning" not in done.output
