"""Tables that cannot be read some rows at a time, and why: they are read as a whole."""

from __future__ import annotations

from dataclasses import replace

from landuse.intake.raw import Fact

__all__ = ["Strange", "because"]


class Strange(Exception):  # noqa: N818 - nothing is wrong, it is only another way
    """A table turned out to be one that must be read as a whole; ``reasons`` say why, a sentence of
    the room ``read_whole`` each, with the file where it is known."""

    def __init__(self, *reasons: Fact) -> None:
        super().__init__(*reasons)
        self.reasons = reasons

    def of(self, table: str, file: str) -> tuple[Fact, ...]:
        """The reasons, those that name no file with this one."""
        return tuple(
            one if one.file else replace(one, file=file, values={"table": table, **one.values})
            for one in self.reasons
        )


def because(code: str, file: str = "", **values: object) -> Strange:
    """:class:`Strange` for one reason."""
    return Strange(Fact(code, file, values))
