"""Everything that a file holds, however it is wrapped: base64, gzip, deflate, data URIs."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
_DEPTH = 4


def layers(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes themselves and all that can be unpacked from them, again and again."""
    yield content
    if depth == _DEPTH:
        return
    found = re.finditer(rb'type="application/octet-stream"[^>]*>([^<]*)<', content)
    blocks = [base64.b64decode(one[1]) for one in found]
    if blocks:
        yield from layers(b"".join(blocks), depth + 1)
    for one in _BASE64.finditer(content):
        text = one[0].rstrip(b"=")
        text = text[: len(text) - (len(text) % 4 == 1)]
        unpacked = base64.b64decode(text + b"=" * (-len(text) % 4))
        yield from layers(unpacked, depth + 1)
    for start in [one.start() for one in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x9c\xda]", content)]:
        unpacked = inflated(content[start:])
        if unpacked:
            yield from layers(unpacked, depth + 1)


def inflated(content: bytes) -> bytes:
    """What a gzip or zlib stream holds, as far as it can be read."""
    reader = zlib.decompressobj(47)
    try:
        return reader.decompress(content, 1 << 26)
    except zlib.error:
        return b""


def everything(content: bytes) -> bytes:
    """All layers as one, in which a text stands as it is and as JSON escapes it."""
    joined = b"\n".join(layers(content))
    text = joined.decode("utf-8", "replace")
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), text)
    wide = joined.replace(b"\0", b"")  # a text of 16 bits a sign
    return joined + plain.encode("utf-8", "replace") + wide
