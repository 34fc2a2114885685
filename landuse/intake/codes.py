"""Credit codes, parcel codes and industry codes: their form, and what spoils them."""

from __future__ import annotations

import re
import unicodedata
from operator import mul
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from landuse.intake.cells import distinct_texts, has_form, is_missing, text_of
from landuse.schema.headings import fold
from landuse.schema.industries import division_named, section_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = [
    "PARCEL_FORM",
    "USCC_ALPHABET",
    "USCC_WEIGHTS",
    "Code",
    "IdScheme",
    "Industry",
    "credit_code",
    "free_code",
    "industry",
    "keys",
    "parcel_code",
    "suggestion",
    "uscc_check",
]

IdScheme = Literal["cn", "free"]
USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE: Final = {sign: value for value, sign in enumerate(USCC_ALPHABET)}
USCC_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_USCC: Final = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}")
_LEGACY: Final = re.compile(r"\d{15}")
PARCEL_FORM: Final = "[0-9]{12}[GJZ][ABSXCDEFHGWY][0-9]{5}"
"""A parcel code that needs no folding (GB/T 37346-2019)."""
_PARCEL: Final = re.compile(PARCEL_FORM)
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(\.\d+)?E\+?\d+", re.IGNORECASE)
_SPREADSHEET: Final = re.compile(r"'?[+-]?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{2,}")
"""A number as spreadsheets show it when it is too long for them."""
_DESTROYED: Final = "destroyed"
_INDUSTRY: Final = re.compile(r"([A-T]?)(\d{2,4})")
_CODE_THEN_NAME: Final = re.compile(
    r"([A-Ta-t]?\d{2,4})[^0-9A-Za-z].*|([A-Ta-t]?\d{2,4})[\u4e00-\u9fff].*"
)
_EXACT_FLOAT: Final = 1e15
_PADDING: Final = "\0"
"""What fixed-width fields of databases are filled up with: it ends a key, it is none of it."""


class Code(NamedTuple):
    """A key as it will be used, and the issue that its form deserves (``""`` none).

    ``value`` is empty where the cell is no key: blank, or destroyed by a spreadsheet.
    """

    value: str
    fault: str = ""


def uscc_check(body: str) -> str:
    """Check character of the first 17 characters (GB 32100-2015, mod 31).

    >>> uscc_check("91110000600037341")
    'L'
    """
    total = sum(map(mul, map(_VALUE.__getitem__, body), USCC_WEIGHTS))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def _folded(text: str) -> str:
    return fold(text).upper().lstrip("'`")


def credit_code(text: str) -> Code:
    """A text as unified social credit code; the fault names a sentence of ``intake_tables``.

    >>> credit_code(" 91110000600037341l ")
    Code(value='91110000600037341L', fault='')
    >>> credit_code("9.13506E+17"), credit_code("91110000600037341X").fault
    (Code(value='', fault='uscc_destroyed'), 'uscc_check')
    """
    if _USCC.fullmatch(text) and uscc_check(text[:17]) == text[17]:
        return Code(text)
    text = text.rstrip(_PADDING)
    if is_missing(text):
        return Code("")
    code = _folded(text)
    if _SCIENTIFIC.fullmatch(code):
        return Code("", "uscc_destroyed")
    if _LEGACY.fullmatch(code):
        return Code(code, "uscc_legacy")
    if not _USCC.fullmatch(code):
        return Code(code, "uscc_form")
    if uscc_check(code[:17]) == code[17]:
        return Code(code)
    rounded = code.isdigit() and code.endswith("000")
    return Code(code, "uscc_rounded" if rounded else "uscc_check")


def suggestion(code: str) -> str:
    """What a code would be with O read as 0 and I as 1, if that makes it valid; else ``""``.

    >>> suggestion("9135O582MAOOOOO15J")
    '91350582MA0000015J'
    """
    fixed = code.replace("O", "0").replace("I", "1")
    valid = fixed != code and _USCC.fullmatch(fixed) and uscc_check(fixed[:17]) == fixed[17]
    return fixed if valid else ""


def parcel_code(text: str) -> Code:
    """A text as parcel code (GB/T 37346-2019); an odd form is an issue, the code is used.

    >>> parcel_code("350582001001gb00001")
    Code(value='350582001001GB00001', fault='')
    """
    if _PARCEL.fullmatch(text):
        return Code(text)
    text = text.rstrip(_PADDING)
    if is_missing(text):
        return Code("")
    code = _folded(text)
    if _SCIENTIFIC.fullmatch(code):
        return Code("", "parcel_code_destroyed")
    return Code(code, "" if _PARCEL.fullmatch(code) else "parcel_code_form")


def free_code(text: str) -> Code:
    """A key of ``id_scheme = "free"``: folded by width and outer spaces only.

    What a spreadsheet writes for a long number is no key; a lot may well be called 12E5.

    >>> free_code(" Lot　7 "), free_code("12E5").value
    (Code(value='Lot 7', fault=''), '12E5')
    >>> free_code("9.13506E+17")
    Code(value='', fault='destroyed')
    """
    text = text.rstrip(_PADDING)
    if is_missing(text):
        return Code("")
    code = " ".join(unicodedata.normalize("NFKC", text).split())
    return Code("", _DESTROYED) if _SPREADSHEET.fullmatch(code) else Code(code)


def keys(
    cells: npt.NDArray[np.object_],
    convert: Callable[[str], Code],
    *,
    destroyed: str = "",
    sound: str = "",
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Keys and faults of a column of cells.

    A number of more than 15 digits has lost the last ones in a spreadsheet: it is no key, its
    fault is ``destroyed`` (``""``: allowed, for whole numbers that were never floats). Texts of
    the form ``sound`` (a pattern) are keys as they stand, so that ``convert`` need not see them.
    """
    values, faults = np.full(len(cells), "", dtype=object), np.full(len(cells), "", dtype=object)
    is_text, which, distinct = distinct_texts(cells)
    value, fault = distinct.copy(), np.full(len(distinct), "", dtype=object)
    for index in np.flatnonzero(~has_form(distinct, sound)):
        value[index], fault[index] = convert(distinct[index])
    values[is_text], faults[is_text] = value[which], fault[which]
    for index in np.flatnonzero(~is_text):
        cell = cells[index]
        if isinstance(cell, float) and abs(cell) >= _EXACT_FLOAT and destroyed:
            faults[index] = destroyed
        elif cell is not None:
            values[index], faults[index] = convert(text_of(cell))
    faults[faults == _DESTROYED] = destroyed
    return values, faults


class Industry(NamedTuple):
    """An industry as code, its division (``""`` unknown), and the issue it deserves."""

    code: str
    division: str
    fault: str = ""


def industry(text: str, scheme: IdScheme = "cn") -> Industry:
    """A text as GB/T 4754-2017 code: 2 to 4 digits, with or without C, or a division's name.

    In ``free`` a text of another form is its own division.

    >>> industry("C1713"), industry("纺织业").division, industry("17 纺织业").code
    (Industry(code='1713', division='17', fault=''), '17', '17')
    >>> industry("C").fault, industry("0413").division, industry("9913").fault
    ('industry_unknown', '04', 'industry_unknown')
    """
    if is_missing(text):
        return Industry("", "")
    plain = unicodedata.normalize("NFKC", text).strip()
    code = _folded(plain)
    if match := _CODE_THEN_NAME.fullmatch(plain):
        code = (match[1] or match[2]).upper()
    if match := _INDUSTRY.fullmatch(code):
        letter, digits = match.groups()
        section = section_of(digits[:2]) if digits[:2] != "00" else ""
        if section:
            fault = "industry_letter" if letter and letter != section else ""
            return Industry(digits, digits[:2], fault if scheme == "cn" else "")
    division = division_named(re.sub(r"^\(?[A-Ta-t]?\d{0,4}\)?", "", plain)) or division_named(
        plain
    )
    if division:
        return Industry(division, division)
    return Industry(plain, plain) if scheme == "free" else Industry(plain, "", "industry_unknown")
