"""The attribute table of a layer as cells, with its text in the right encoding."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.errors import UserError
from landuse.intake.encoding import Candidate, Choice, candidates, choose, decode
from landuse.intake.formats import is_shapefile
from landuse.intake.raw import Fact, named_apart
from landuse.intake.typed import kept_typed, typed_cells

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from landuse.issues import IssueLog

__all__ = ["attributes", "candidates_of", "distinct_bytes", "is_text", "settle", "width_of"]


def attributes(
    rows: pa.Table,
    path: Path,
    table: str,
    file: str,
    declared: str | None,
    log: IssueLog,
    *,
    typed: bool = False,
) -> tuple[pd.DataFrame, tuple[Fact, ...]]:
    """Every column that is no binary, headings unique, and what was decided.

    Columns are object cells, or (``typed``) as the file has typed them. A shapefile comes with its
    bytes taken as Latin-1, so that nothing is lost before the choice. Raises
    :class:`landuse.errors.UserError` where no encoding reads the whole file.
    """
    import pandas as pd
    import pyarrow as pa

    is_shp = is_shapefile(path)
    kept = [index for index, kind in enumerate(rows.schema.types) if not pa.types.is_binary(kind)]
    names = [_bytes(rows.schema.names[index], latin=is_shp) for index in kept]
    texts = [index for index in kept if is_text(rows.schema.types[index])]
    plain = {index for index in texts if typed and _is_ascii(rows.column(index))}
    strange = {
        index: distinct_bytes(_beyond_ascii(rows.column(index)) if typed and not is_shp
                         else rows.column(index), latin=is_shp)
        for index in texts if index not in plain
    }  # fmt: skip
    choice, facts = _choice(
        names, strange, rows, path, table, file, declared, log, has_text=bool(texts)
    )
    columns = []
    for index in kept:
        column = rows.column(index)
        is_utf8 = not is_shp and choice.codec == "utf-8"
        found = None
        if typed and (index in plain or index not in strange or is_utf8):
            found = kept_typed(column)
        if found is None and index in strange:
            whole = strange[index] if is_shp or not typed else distinct_bytes(column, latin=False)
            found = pd.Series(_decoded(*whole, choice.codec), dtype=object)
            found = typed_cells(found) if typed else found
        columns.append(_cells(column) if found is None else found)
    written = [decode(name, choice.codec) for name in names]
    headings = named_apart(written, [str(index + 1) for index in range(len(names))], columns)
    frame = pd.DataFrame(dict(zip(headings, columns, strict=True)), copy=False)
    if not headings:
        frame = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    return frame, facts


def _beyond_ascii(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values that an encoding is chosen by."""
    import pyarrow.compute as pc

    return column.filter(pc.invert(pc.string_is_ascii(column)))


def _is_ascii(column: pa.ChunkedArray) -> bool:
    """Whether a column is text that is the same in every encoding."""
    import pyarrow.compute as pc

    return is_text(column.type) and bool(pc.all(pc.string_is_ascii(column), min_count=0).as_py())


def _choice(
    names: list[bytes],
    texts: dict[int, tuple[list[bytes | None], npt.NDArray[np.int64]]],
    rows: pa.Table,
    path: Path,
    table: str,
    file: str,
    declared: str | None,
    log: IssueLog,
    *,
    has_text: bool,
) -> tuple[Choice, tuple[Fact, ...]]:
    """The encoding of all names and values; contradictions and cut values as issues."""
    ordered, unknown = candidates_of(path, declared)
    body, full = list(names), []
    for index, (values, _) in texts.items():
        width = width_of(rows.schema.field(index)) if is_shapefile(path) else math.inf
        present = [value for value in values if value]
        full += [value for value in present if len(value) >= width]
        body += [value for value in present if len(value) < width]
    choice = choose(body, ordered, full)
    return settle(choice, ordered, unknown, path, table, file, log, has_text=has_text)


def candidates_of(path: Path, declared: str | None) -> tuple[list[Candidate], list[str]]:
    """The encodings that may be that of a layer, and declared names that nobody knows."""
    if is_shapefile(path):
        return candidates(path, declared or "")
    return [Candidate("utf-8", "utf8"), Candidate("gb18030", "gb18030")], []


def settle(
    choice: Choice | None,
    ordered: list[Candidate],
    unknown: list[str],
    path: Path,
    table: str,
    file: str,
    log: IssueLog,
    *,
    has_text: bool,
) -> tuple[Choice, tuple[Fact, ...]]:
    """The choice and what the run reports of it; what speaks against it as issues.

    Raises :class:`landuse.errors.UserError` where none of ``ordered`` fits.
    """
    if choice is None:
        tried = ", ".join(candidate.codec for candidate in ordered)
        raise UserError.of("intake_layers.no_encoding", table=table, file=file, value=tried)
    is_shp = is_shapefile(path)
    if not is_shp:  # the format states its encoding
        choice = replace(choice, rival="")
    _report(choice, unknown, {"table": table, "file": file}, log)
    if not is_shp or not has_text:
        return choice, ()
    fact = Fact(
        f"intake_layers.fact_encoding_{choice.basis}",
        file,
        {"encoding": choice.codec, "sample": choice.sample},
    )
    return choice, (fact,)


def _report(choice: Choice, unknown: list[str], place: dict[str, str], log: IssueLog) -> None:
    """What speaks against the choice, and what it could not read."""
    for name in unknown:
        log.add("intake_layers.encoding_unknown", **place, value=name, chosen=choice.codec)
    for refused in choice.refused:
        if refused.basis not in {"utf8", "gb18030"}:
            log.add(
                "intake_layers.encoding_contradicts",
                **place, value=refused.codec, basis=refused.basis, chosen=choice.codec,
                sample=choice.sample,
            )  # fmt: skip
    if choice.rival:
        log.add(
            "intake_layers.encoding_doubtful",
            **place, value=choice.codec, sample=choice.sample, rival=choice.rival,
            rival_sample=choice.rival_sample,
        )  # fmt: skip
    if choice.cut:
        log.add("intake_layers.text_cut", **place, value=str(choice.cut))
    if choice.own_characters:
        log.add("intake_layers.own_characters", **place, value=str(choice.own_characters))


def is_text(kind: pa.DataType) -> bool:
    """Whether a column is text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _bytes(text: str, *, latin: bool) -> bytes:
    return text.encode("latin-1" if latin else "utf-8")


def width_of(field: pa.Field) -> float:
    """Width of a DBF text field in bytes; unlimited where it does not say."""
    written = (field.metadata or {}).get(b"GDAL:OGR:width")
    return int(written) if written else math.inf


def distinct_bytes(
    column: pa.ChunkedArray, *, latin: bool
) -> tuple[list[bytes | None], npt.NDArray[np.int64]]:
    """Distinct values as bytes, the last one ``None``; and which of them each row has."""
    import pyarrow as pa

    encoded = column.combine_chunks().cast(pa.large_binary()).dictionary_encode()
    values: list[bytes | None] = encoded.dictionary.to_pylist()
    if latin:
        values = [value and value.decode("utf-8").encode("latin-1") for value in values]
    which = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return [*values, None], which.astype(np.int64)


def _decoded(
    values: list[bytes | None], which: npt.NDArray[np.int64], codec: str
) -> npt.NDArray[np.object_]:
    texts = np.empty(len(values), dtype=object)
    texts[:] = [
        None if value is None else str(value, "ascii") if value.isascii() else decode(value, codec)
        for value in values
    ]
    cells: npt.NDArray[np.object_] = texts[which]
    return cells


def _cells(column: pa.ChunkedArray) -> pd.Series:
    """Numbers, dates and truth values as Python objects; NaN is blank, lists are text."""
    import pandas as pd
    import pyarrow as pa

    kind = column.type
    values: list[Any] = column.to_pylist()
    if pa.types.is_floating(kind):
        values = [None if value is None or value != value else value for value in values]
    elif pa.types.is_nested(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind):
        values = [None if value is None else str(value) for value in values]
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return pd.Series(cells, dtype=object)
