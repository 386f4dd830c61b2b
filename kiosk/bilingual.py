"""Texts in both languages as they stand in an item's file, and the base of its tables."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kiosk.texts import Plain


class Table(BaseModel):
    """A table of the file: unknown keys are refused, values keep the type TOML gave them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Bilingual(Table):
    """A sentence in both languages."""

    zh_CN: Annotated[str, Field(min_length=1, max_length=600, examples=["本人申请"])]
    en: Annotated[str, Field(min_length=1, max_length=1000, examples=["In person"])]

    @property
    def plain(self) -> Plain:
        return Plain(self.zh_CN, self.en)


class Name(Table):
    """A name in both languages, short enough for a tile."""

    zh_CN: Annotated[str, Field(min_length=1, max_length=40, examples=["社保缴费"])]
    en: Annotated[str, Field(min_length=1, max_length=60, examples=["Pension"])]

    @property
    def plain(self) -> Plain:
        return Plain(self.zh_CN, self.en)
