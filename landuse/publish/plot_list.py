"""The list of plots: its columns, its rows in words, its order; page and workbook show the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.messages import Lang, text
from landuse.publish.plots import CLASSES
from landuse.publish.words import cohort, firmness, word
from landuse.schema.frame import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pandas as pd

    from landuse.publish.plots import PlotTable

__all__ = ["ORDERS", "ListColumn", "in_order", "list_columns", "list_rows"]

ORDERS: Final = ("class", "code", "mu", "firmness")
"""``class``: what matters first, the lowest score first within it; ``code``; ``mu``: the largest
first; ``firmness``: the nearest to the cut-off first."""

_WEIGHT: Final = {
    name: place for place, name in enumerate((*CLASSES[1:], CLASSES[0]))
}  # what is revitalised is decided: it comes last


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of the list. ``core``: it is also in the narrow list beside the map; ``sensitive``:
    the presenter's view hides it."""

    column: Column
    core: bool = False
    sensitive: bool = False

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name


def list_columns(table: PlotTable) -> tuple[ListColumn, ...]:
    """The columns for this run: each indicator of its pack has one."""
    return (
        ListColumn(Column("parcel_id", "text", "宗地代码", "parcel"), core=True),
        ListColumn(Column("main_name", "text", "用地单位", "user"), core=True),
        ListColumn(Column("land_class", "text", "分类", "class"), core=True),
        ListColumn(Column("case_state", "text", "台账状态", "case"), core=True),
        ListColumn(Column("accounting_area_mu", "float", "面积", "area", "mu"), core=True),
        ListColumn(Column("case_number", "text", "台账编号", "case no.")),
        ListColumn(Column("park", "text", "园区", "park")),
        ListColumn(Column("township", "text", "镇街", "township")),
        ListColumn(Column("cohort", "text", "评价组", "cohort")),
        *(ListColumn(_measure(one)) for one in table.rules.indicators),
        ListColumn(Column("score", "float", "综合得分", "score", "1")),
        ListColumn(Column("rank", "Int64", "倒数名次", "rank from below", "place")),
        ListColumn(Column("cohort_size", "Int64", "参评数", "units in cohort", "unit")),
        ListColumn(Column("cutoff_score", "float", "界线得分", "cut-off score", "1")),
        ListColumn(Column("margin", "float", "距界线", "margin", "1")),
        ListColumn(Column("firm", "text", "稳固程度", "how firm")),
        ListColumn(Column("flagged_area_mu", "float", "疑似低效面积", "flagged area", "mu")),
        ListColumn(Column("holder", "text", "土地使用权人", "holder")),
        ListColumn(Column("main_uscc", "text", "统一社会信用代码", "credit code"), sensitive=True),
        ListColumn(Column("contracts", "text", "供地合同", "contracts"), sensitive=True),
    )


def _measure(one: Any) -> Column:  # noqa: ANN401 - an indicator of the pack
    return Column(one.key, "float", one.title_zh, one.title_en, f"{one.unit_zh}|{one.unit_en}")


def list_rows(table: PlotTable, places: npt.NDArray[np.intp], lang: Lang) -> pd.DataFrame:
    """The rows at ``places`` in that order, codes in words; numbers stay numbers.

    Beside the columns of :func:`list_columns`: ``class_key`` and ``state_key``, the codes.
    """
    rows = table.rows.iloc[places].reset_index(drop=True)
    said = rows.assign(
        class_key=rows["land_class"],
        state_key=rows["case_state"],
        land_class=_mapped(rows["land_class"], lambda code: word("class", code, lang)),
        case_state=_mapped(
            rows["case_state"], lambda code: text(f"ledger_cases.state_{code}", lang)
        ),
        cohort=_mapped(rows["cohort"], lambda code: cohort(code, lang)),
    )
    said["firm"] = [
        firmness(float(share), flips, lang)
        for share, flips in zip(rows["firmness"], rows["flips_under"], strict=True)
    ]
    said["firm"] = said["firm"].astype("str")
    return said


def _mapped(column: pd.Series[str], say: Callable[[str], str]) -> pd.Series[str]:
    words = {code: say(code) if code else "" for code in column.unique()}
    return column.map(words).astype("str")


def in_order(table: PlotTable, mask: npt.NDArray[np.bool_], order: str) -> npt.NDArray[np.intp]:
    """Places of the plots in ``mask`` in one of :data:`ORDERS`; equals by code."""
    places = np.flatnonzero(mask)
    rows = table.rows.iloc[places]
    if order == "code":
        return places
    if order == "mu":
        key = -np.nan_to_num(rows["accounting_area_mu"].to_numpy(dtype=np.float64))
        return places[np.argsort(key, kind="stable")]
    margin = rows["margin"].to_numpy(dtype=np.float64)
    if order == "firmness":
        return places[np.argsort(np.abs(margin), kind="stable")]  # what has none comes last
    weight = rows["land_class"].map(_WEIGHT).to_numpy(dtype=np.float64)
    return places[np.lexsort((margin, weight))]
