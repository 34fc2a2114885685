"""Supply contracts: what was agreed about a parcel and when it was to be built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from landuse.errors import UserError
from landuse.intake.columns import Vocabulary
from landuse.intake.inputs import Reading
from landuse.intake.opened import Opened, open_table
from landuse.intake.rows import source_columns
from landuse.intake.table_columns import (
    amount,
    date_column,
    key_column,
    text_column,
    to_date,
    to_int64,
    to_text,
)
from landuse.schema.headings import fold
from landuse.schema.tables import SUPPLY

if TYPE_CHECKING:
    import numpy.typing as npt

    from landuse.intake.corrections import Corrections
    from landuse.intake.project import Project
    from landuse.issues import IssueLog

__all__ = ["read_supply"]

_AREAS: Final = ("area", "area_to_start", "area_started")
_MONEY: Final = ("price", "total_investment", "invested")
_DATES: Final = (
    "agreed_delivery", "delivered_on", "agreed_start", "extended_start", "actual_start",
    "agreed_completion", "completed_on", "suspended_since",
)  # fmt: skip
_CAUSES: Final[dict[str, str]] = {
    **dict.fromkeys(("enterprise", "企业", "企业原因", "自身原因", "企业自身原因"), "enterprise"),
    **dict.fromkeys(("government", "政府", "政府原因", "政府部门原因"), "government"),
    **dict.fromkeys(("force_majeure", "不可抗力", "自然灾害"), "force_majeure"),
    **dict.fromkeys(("seizure", "查封", "司法查封", "司法原因", "法院查封"), "seizure"),
}
_CAUSE_WORDS: Final = "企业 enterprise、政府 government、不可抗力 force_majeure、司法查封 seizure"
_NOT_YET: Final = {
    "actual_start": ("未动工", "未开工", "尚未动工", "尚未开工", "没有动工", "没有开工"),
    "completed_on": ("未竣工", "未完工", "尚未竣工", "尚未完工", "在建"),
    "suspended_since": ("未中止", "未停工", "未停建"),
}
"""What stands in place of a date where the thing has not happened: it is as good as a blank."""


def read_supply(project: Project, corrections: Corrections, log: IssueLog) -> Reading:
    """The supply contracts (method, section 7), sorted by contract and parcel.

    The key is the contract number, or the parcel code where the table has no such column. The
    source may be the parcel layer itself: then a parcel without a contract number is its own key,
    and one that states nothing about a contract is none. Set aside: no key; a contract and parcel
    that occur twice. Raises :class:`landuse.errors.UserError` for structural faults.
    """
    source = project.supply
    assert source is not None
    words = Vocabulary.of("supply", source.columns)
    opened = open_table(
        source, project, words, corrections, log,
        keys=("contract_no", "parcel_id"), amounts=(*_AREAS, *_MONEY),
    )  # fmt: skip
    columns, rows = opened.columns, opened.rows
    if "contract_no" not in columns and "parcel_id" not in columns:
        headings = ", ".join(rows.raw.headings)
        raise UserError.of(
            "intake_tables.needed_column", table="supply", name="contract_no", headings=headings
        )
    contract = text_column(opened, "contract_no")
    parcel = key_column(opened, "parcel_id", project.id_scheme, log)
    key = contract if "contract_no" in columns else parcel
    if opened.raw.geometry is not None:
        key = np.where(contract == "", parcel, contract).astype(object)
        _drop_plain_parcels(opened, log)
    rows.keys = key
    rows.reject(key == "", "intake_tables.no_key", log)
    pairs = pd.DataFrame({"contract": contract, "parcel": parcel})
    twice = pairs[rows.used].duplicated(keep=False).reindex(pairs.index, fill_value=False)
    rows.reject(twice.to_numpy(bool), "intake_supply.repeated_contract", log)
    frame = _frame(opened, contract, parcel, log)
    used = np.flatnonzero(rows.used)
    frame = frame.iloc[used].sort_values(
        ["contract_no", "parcel_id", "source_file", "source_row"], ignore_index=True
    )
    has = frozenset(name for name in words.names if name in columns)
    return Reading(
        SUPPLY.check(frame),
        rows.counts(),
        rows.set_aside(),
        rows.sources(used, ", ".join(sorted(has))),
        opened.facts,
        opened.paths,
        has,
    )


def _drop_plain_parcels(opened: Opened, log: IssueLog) -> None:
    """Set aside the features of a layer that have no contract; they are told as a number."""
    names = ("contract_no", *_MONEY, *_AREAS[1:], *_DATES, "cause")
    plain = np.ones(len(opened.raw), dtype=bool)
    for name in names:
        plain &= np.asarray(text_column(opened, name) == "", dtype=bool)
    plain &= opened.rows.used
    opened.rows.reject(plain, "intake_supply.no_contract")
    for file in np.unique(opened.raw.file[plain].astype(str)):
        count = int((plain & (opened.raw.file == file)).sum())
        log.add("intake_supply.without_contract", table="supply", file=str(file), n=count)


def _frame(
    opened: Opened,
    contract: npt.NDArray[np.object_],
    parcel: npt.NDArray[np.object_],
    log: IssueLog,
) -> pd.DataFrame:
    count = len(opened.raw)
    data: dict[str, object] = {
        "contract_no": to_text(contract),
        "parcel_id": to_text(parcel),
        "holder": to_text(text_column(opened, "holder")),
        "cause": _cause(opened, log),
        **source_columns(opened.raw, np.arange(count)),
    }
    missing = pd.Series(pd.array([pd.NA] * count, dtype="Int64"))
    for names, unit, default in ((_AREAS, "m2", "m2"), (_MONEY, "wan", None)):
        for name in names:
            given = name in opened.columns
            column = f"{name}_{unit}_micro"
            data[column] = missing
            if given:
                data[column] = to_int64(amount(opened, name, unit, log, default=default))
    unread = np.full(count, "", dtype=object)
    for name, words in _NOT_YET.items():
        _blank(opened, name, words)
    for name in _DATES:
        days = date_column(opened, name, log)
        data[name] = to_date(days)
        odd = np.isnat(days) & np.asarray(text_column(opened, name) != "", dtype=bool)
        unread[odd] = [f"{known}; {name}" if known else name for known in unread[odd]]
    data["unread"] = to_text(unread)
    return pd.DataFrame(data)[SUPPLY.names]


def _blank(opened: Opened, name: str, words: tuple[str, ...]) -> None:
    heading = opened.columns.heading(name)
    if heading:
        written = np.array([fold(cell) in words for cell in text_column(opened, name)], dtype=bool)
        opened.raw.frame[heading] = opened.raw.frame[heading].mask(written, None)


def _cause(opened: Opened, log: IssueLog) -> pd.Series:
    written = text_column(opened, "cause")
    known = {word: _CAUSES.get(fold(word), "") for word in set(written)}
    odd = np.array([word != "" and known[word] == "" for word in written], dtype=bool)
    opened.rows.tell(
        np.flatnonzero(odd & opened.rows.used), "intake_tables.unknown_word", log,
        column=opened.columns.heading("cause"),
        shown={"words": _CAUSE_WORDS},
    )  # fmt: skip
    return to_text(np.array([known[word] for word in written], dtype=object))
