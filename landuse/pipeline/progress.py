"""How a long run says where it is: one call a step, no clock and no screen."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[str, int, int], None]
"""Called with the code of a step, how much is done, and of how much (both in steps)."""


def silent(step: str, done: int, of: int) -> None:
    """Tells nobody."""
