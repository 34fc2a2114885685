"""Signs that cannot be shown, made visible: no name steers a terminal or breaks a cell."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["visible"]

# C0 controls but tab and newline, C1 controls, marks that turn the direction of writing, lone
# surrogates and non-characters: not in XML 1.0, invisible, or commands to a terminal
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(value: str) -> str:
    """``value`` with a sign for each character that has none.

    >>> visible("a\\x01b\\x1b[31m")
    'a␁b␛[31m'
    """
    if not _HIDDEN.search(value):
        return value
    return _HIDDEN.sub(_sign, value.replace("\r\n", "\n"))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"
