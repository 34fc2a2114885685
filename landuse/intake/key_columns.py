"""Whole columns of keys: sound ones are seen at once, and only odd ones looked at one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.intake.cells import is_clean
from landuse.intake.codes import (
    PARCEL_FORM,
    USCC_ALPHABET,
    USCC_WEIGHTS,
    Code,
    IdScheme,
    credit_code,
    free_code,
    keys,
    parcel_code,
)
from landuse.intake.typed import distinct

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from landuse.intake.typed import Cells, Texts

__all__ = ["Form", "Keys", "are_credit_codes", "form_of", "key_texts"]

_LENGTH: Final = 18
_BLOCK: Final = 1 << 14
"""Rows at a time: what is computed of them stays in the cache of the processor."""
_FREE: Final = r"\A[!-*,-~]+\z"
"""Without a space nothing is folded, without a plus it is no number of a spreadsheet."""


class Form(NamedTuple):
    """How one kind of key is read: cell by cell, and which texts are keys as they stand."""

    convert: Callable[[str], Code]
    are_sound: Callable[[Texts], npt.NDArray[np.bool_]]


class Keys(NamedTuple):
    """The key of every row (``""`` none), the rows with a fault, and the fault of each of those."""

    texts: Texts
    odd: npt.NDArray[np.intp]
    faults: npt.NDArray[np.object_]


def form_of(name: str, scheme: IdScheme) -> Form:
    """The form of the keys ``uscc`` and ``parcel_id`` under ``scheme``."""
    if scheme == "free":
        return Form(free_code, _are_free)
    if name == "uscc":
        return Form(credit_code, are_credit_codes)
    return Form(parcel_code, are_parcel_codes)


def key_texts(cells: Cells, form: Form, *, destroyed: str = "") -> Keys:
    """:func:`landuse.intake.codes.keys` of a column, in any form that it was read in."""
    if isinstance(cells, np.ndarray):
        plain = cells if cells.dtype == object else _as_cells(cells)
        values, faults = keys(plain, form.convert, destroyed=destroyed)
        odd = np.flatnonzero(faults != "")
        return Keys(pa.array(values, pa.large_string()), odd, faults[odd])
    is_sound = form.are_sound(cells)
    rest = np.flatnonzero(~is_sound)
    if not len(rest):
        return Keys(cells, rest, np.zeros(0, dtype=object))
    which, found = distinct(cells.take(pa.array(rest)))
    # keys() tells a destroyed key of any scheme by the one name
    values, faults = keys(
        np.array([*found.to_pylist(), None], dtype=object), form.convert, destroyed=destroyed
    )
    mended = pa.array(values, pa.large_string()).take(pa.array(which % len(values)))
    texts = pc.replace_with_mask(pc.fill_null(cells, ""), pa.array(~is_sound), mended)
    said = faults[which]
    return Keys(texts, rest[said != ""], said[said != ""])


def _as_cells(values: npt.NDArray[np.generic]) -> npt.NDArray[np.object_]:
    cells = values.astype(object)
    cells[values != values] = None
    return cells


def are_parcel_codes(texts: Texts) -> npt.NDArray[np.bool_]:
    """Which texts have the form of GB/T 37346-2019 and need no folding."""
    return _match(texts, rf"\A(?:{PARCEL_FORM})\z")


def _are_free(texts: Texts) -> npt.NDArray[np.bool_]:
    return _match(texts, _FREE) & is_clean(texts)


def _match(texts: Texts, pattern: str) -> npt.NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def are_credit_codes(texts: Texts) -> npt.NDArray[np.bool_]:
    """Which texts are credit codes with a right check character (GB 32100-2015), unfolded.

    >>> are_credit_codes(pa.array(["91110000600037341L", "91110000600037341X", "9"])).tolist()
    [True, False, False]
    """
    texts = texts.cast(pa.large_string())
    out = np.zeros(len(texts), dtype=bool)
    length = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(length == _LENGTH)
    _, offsets, data = texts.buffers()
    if not len(rows) or data is None:
        return out
    starts = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts)]
    signs = np.frombuffer(data, np.uint8)
    for block in np.split(rows, np.arange(_BLOCK, len(rows), _BLOCK)):
        first, last = int(starts[block[0]]), int(starts[block[-1]]) + _LENGTH
        if last - first == len(block) * _LENGTH:  # codes and nothing else, one after another
            written = signs[first:last].reshape(-1, _LENGTH)
        else:
            written = signs[starts[block][:, None] + np.arange(_LENGTH)]
        out[block] = _VALUES[written] @ _FACTORS % 31 == 0
    return out


_VALUES: Final = np.full(256, np.nan, dtype=np.float32)
_VALUES[[ord(sign) for sign in USCC_ALPHABET]] = np.arange(len(USCC_ALPHABET))
"""Values of the signs; one that no code has makes the sum none."""
_FACTORS: Final = np.array([*USCC_WEIGHTS, 1], dtype=np.float32)
"""The check character makes the sum a multiple of 31 (GB 32100-2015)."""
