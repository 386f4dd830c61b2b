"""What every table of the configuration is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file: unknown keys are refused, values keep the type TOML gave them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
