"""Codes with valid check characters, by the formulas of GB 32100-2015 and GB 11714-1997."""

from __future__ import annotations

import random

DIVISION = "339901"
"""A county code that no county bears."""
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def uscc_check(body: str) -> str:
    """Check character of the first 17 characters of a unified social credit code.

    >>> uscc_check("91350582MA0000001")
    '5'
    >>> uscc_check("91110000600037341")
    'L'
    """
    pairs = zip(body, USCC_WEIGHTS, strict=True)
    total = sum(ALPHABET.index(char) * weight for char, weight in pairs)
    return ALPHABET[(31 - total % 31) % 31]


def org_check(body: str) -> str:
    """Check character of the first 8 characters of an organisation code (GB 11714)."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, ORG_WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def uscc(rng: random.Random, digits_only: bool = False) -> str:
    """A made-up code of an enterprise of the county, valid in both standards."""
    while True:
        if digits_only:
            org = "7" + "".join(rng.choice("0123456789") for _ in range(7))
        else:
            org = "MA" + "".join(rng.choice(ALPHABET) for _ in range(6))
        body = f"91{DIVISION}{org}{org_check(org)}"
        code = body + uscc_check(body)
        if not digits_only or code.isdigit():
            return code


def wrong_check(code: str) -> str:
    """The same code with another, wrong check character."""
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 7) % 31]


def parcel_code(district: int, serial: int, kind: str = "GB") -> str:
    """A 19-character parcel code: county, cadastral area, sub-area, kind, serial."""
    return f"{DIVISION}{district:03d}{1 + serial // 100:03d}{kind}{serial:05d}"


def full_width(text: str) -> str:
    """ASCII letters and digits as their full-width forms."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
