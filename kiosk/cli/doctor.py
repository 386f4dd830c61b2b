"""`kiosk doctor`: what is wrong here, and how to fix it."""

from __future__ import annotations

import typer

from kiosk.cli.options import AsJson, ConfigDir, StateDir, config_at, say_json, state_at

MARKS = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}


def command(config: ConfigDir = None, state: StateDir = None, as_json: AsJson = False) -> None:
    """Tell what is wrong here, and how to fix it.

    Looks at configuration, display, fonts, languages, disk, clock, ports, devices and departments.
    Ends with 1 where anything is bad; a warning is none.
    """
    from kiosk.doctor import examine
    from kiosk.doctor.finding import Verdict

    findings = []
    for finding in examine(config_at(config), state_at(state)):
        findings.append(finding)
        if not as_json:
            typer.echo(f"{MARKS[finding.verdict]}  {finding.check}: {finding.what}")
            if finding.remedy:
                typer.echo(f"      -> {finding.remedy}")
    if as_json:
        say_json([finding.as_json() for finding in findings])
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(1)
