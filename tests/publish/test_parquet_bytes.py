"""The bytes of a table depend on its rows, not on how they lie in memory."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from landuse.publish.parquet import write_parquet
from landuse.schema.tables import SET_ASIDE


def test_a_column_in_pieces_gives_the_bytes_of_one_in_one_piece(tmp_path):
    texts = [f"{number:064d}" for number in range(60_000)]  # 4 MB: several pages
    whole = pd.array(texts, dtype="str")
    pieces = pa.chunked_array([texts[:777], texts[777:31_000], texts[31_000:]], pa.large_string())
    columns = dict.fromkeys(SET_ASIDE.names, "x") | {"source_row": 1}
    frame = pd.DataFrame({**columns, "key": pd.Series(whole)}).astype({"table": "str"})
    frame = frame.astype({name: "str" for name in SET_ASIDE.names if name != "source_row"})
    other = frame.assign(key=pd.Series(pd.array(pieces, dtype=frame["key"].dtype)))
    write_parquet(frame[SET_ASIDE.names], SET_ASIDE, tmp_path / "one.parquet")
    write_parquet(other[SET_ASIDE.names], SET_ASIDE, tmp_path / "other.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "other.parquet").read_bytes()
