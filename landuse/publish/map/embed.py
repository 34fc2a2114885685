"""Data in the page: JSON that is nothing but data, wherever in the HTML or a template it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

__all__ = ["data_block", "json_text", "raw_block"]

_TEMPLATE: Final = re.compile(r"\{(?=[{%#])")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def json_text(value: object) -> str:
    r"""``value`` as compact JSON without a character that HTML or Jinja reads.

    ``<``, ``>`` and ``&`` become escapes (the text can neither close its script element nor open
    another), and so does a brace that would begin a template expression. In JSON these occur inside
    strings only, so the value read back is the same. ``ValueError`` for NaN (a fault of ours).

    >>> json_text(["</script>", "{{7*7}}", "{% raw %}"])
    '["\\u003c/script\\u003e","\\u007b{7*7}}","\\u007b% raw %}"]'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    text = _TEMPLATE.sub(r"\\u007b", text)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def data_block(name: str, value: Mapping[str, object]) -> str:
    """A ``<script type="application/json">`` element: the browser reads it and never runs it."""
    return f'<script type="application/json" id="landuse-{name}">{json_text(value)}</script>\n'


def raw_block(name: str, base64: str) -> str:
    """A script element that holds base64: bytes that the browser keeps and never runs.

    >>> raw_block("tiles-0", "AAAA")
    '<script type="application/octet-stream" id="landuse-tiles-0">AAAA</script>\\n'
    """
    return f'<script type="application/octet-stream" id="landuse-{name}">{base64}</script>\n'
