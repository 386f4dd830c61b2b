"""`kiosk devices decode`: the camera's decoder over pictures from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.cli.options import AsJson, say_json

if TYPE_CHECKING:
    from devices.scanner.decoder import DecodedCode, DecodedPicture
    from devices.status import Fault


def decode(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures of codes.")],
    every: Annotated[
        bool, typer.Option("--every", help="Look for other codes also where a QR code was found.")
    ] = False,
    budget_ms: Annotated[
        float | None,
        typer.Option("--budget-ms", min=1.0, metavar="N", help="Give a picture up after this."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the codes in pictures; ends with 1 where a file is no picture.

    The milliseconds are the decoder's alone, without reading and unpacking the file.
    """
    from devices.scanner.decoder import FILE_BUDGET_MS, Decoder, decode_file
    from devices.status import Failed

    decoder = Decoder(budget_ms=budget_ms or FILE_BUDGET_MS, every=every)
    rows: list[dict[str, Any]] = []
    for file in files:
        result = decode_file(file, decoder)
        if isinstance(result, Failed):
            rows.append(_unreadable(file, result.fault))
        else:
            rows.append(_read(file, result.value))
        if not as_json:
            _tell(rows[-1])
    if as_json:
        say_json(rows)
    if any("error" in row for row in rows):
        raise typer.Exit(1)


def _read(file: Path, picture: DecodedPicture) -> dict[str, Any]:
    return {
        "file": str(file),
        "ms": round(picture.ms, 2),
        "codes": [_code(code) for code in picture.codes],
        "refused": [reason.value for reason in picture.refused],
    }


def _code(code: DecodedCode) -> dict[str, Any]:
    return {
        "text": code.text,
        "kind": code.kind.value,
        "symbology": code.symbology,
        "corners": [[round(x, 1), round(y, 1)] for x, y in code.corners],
    }


def _unreadable(file: Path, fault: Fault) -> dict[str, Any]:
    error = {"code": fault.code, "detail": fault.detail}
    return {"file": str(file), "ms": 0.0, "codes": [], "error": error}


def _tell(row: dict[str, Any]) -> None:
    from devices.faults import kind_of

    if "error" in row:
        code, detail = row["error"]["code"], row["error"]["detail"]
        typer.echo(f"{row['file']}: {kind_of(code).means} {detail}".rstrip(), err=True)
        return
    if not row["codes"]:
        typer.echo(f"{row['file']}: no code, {row['ms']:.1f} ms")
    for code in row["codes"]:
        typer.echo(
            f"{row['file']}: {code['text']}  ({code['kind']}, {code['symbology']}, {row['ms']:.1f} ms)"
        )
    for reason in row["refused"]:
        typer.echo(f"{row['file']}: a code that is none of ours: {reason}")
