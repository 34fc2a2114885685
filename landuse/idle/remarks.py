"""What is odd or missing in a contract: codes beside its finding, and issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landuse.idle.clock import years_after
from landuse.messages import text

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import numpy.typing as npt
    import pandas as pd

    from landuse.issues import IssueLog
    from landuse.messages import Lang

    Bools = npt.NDArray[np.bool_]
    Days = npt.NDArray[np.datetime64]
    Texts = npt.NDArray[np.object_]

__all__ = ["joined", "oddities", "report"]

_JOINT: Final = "; "
_TOLD: Final = (
    *("contract_no", "parcel_id", "finding", "missing", "remarks", "known_parcel"),
    *("source_file", "source_sheet", "source_row"),
)


def joined(flags: Mapping[str, Bools], count: int) -> Texts:
    """For each row the names of the flags that are set, as one text.

    >>> joined({"a": np.array([True, False]), "b": np.array([True, False])}, 2).tolist()
    ['a; b', '']
    """
    out = np.full(count, "", dtype=object)
    for name, flag in flags.items():
        out[flag] = [f"{known}{_JOINT}{name}" if known else name for known in out[flag]]
    return out


def oddities(
    supply: pd.DataFrame, day: Mapping[str, Days], started: Bools, today: np.datetime64
) -> dict[str, Bools]:
    """Contradictions in what a contract states, by code; none of them changes a finding.

    ``day`` are the dates of ``supply`` by column, ``started`` whether it counts as started. An
    extension is measured from the agreed start, else from one year after delivery.
    """
    agreed = np.where(
        np.isnat(day["agreed_start"]), years_after(day["delivered_on"], 1), day["agreed_start"]
    )
    extended, actual = day["extended_start"], day["actual_start"]
    touched = supply["area_started_m2_micro"].fillna(0).gt(0).to_numpy(dtype=bool)
    signs = touched | ~np.isnat(day["suspended_since"])
    return {
        "extension_over_a_year": extended > years_after(agreed, 1),
        "extension_before_agreed": extended < agreed,
        "start_in_future": actual > today,
        "start_date_blank": np.isnat(actual) & (signs | started),
        "suspended_before_start": day["suspended_since"] < actual,
    }


def report(contracts: pd.DataFrame, log: IssueLog) -> None:
    """One issue for each remark and each thing that is missing, at the row of the contract.

    Contracts that name no parcel at all are one issue together.
    """
    contracts = contracts[list(_TOLD)]  # a row as a dict is dear
    for row in contracts[contracts["remarks"] != ""].to_dict("records"):
        for code in str(row["remarks"]).split(_JOINT):
            _tell(log, f"idle.{code}", row)
    lacking = contracts[contracts["missing"] != ""]
    for row in lacking.to_dict("records"):
        codes = str(row["missing"]).split(_JOINT)
        if row["finding"] == "undetermined":
            _tell(
                log,
                "idle.undetermined",
                row,
                names_zh=_names(codes, "zh"),
                names_en=_names(codes, "en"),
            )
        else:
            for code in codes:
                _tell(log, f"idle.no_{code}", row)
    nowhere = ~contracts["known_parcel"] & (contracts["parcel_id"] != "")
    for row in contracts[nowhere].to_dict("records"):
        _tell(log, "idle.unknown_parcel", row)
    blank = contracts[contracts["parcel_id"] == ""]
    if len(blank):
        first = blank.iloc[0]
        log.add(
            "idle.no_parcel", table="supply", file=first["source_file"],
            sheet=first["source_sheet"], row=int(first["source_row"]), n=len(blank),
        )  # fmt: skip


def _names(codes: list[str], lang: Lang) -> str:
    joint = "、" if lang == "zh" else ", "
    return joint.join(text(f"idle.name_{code}", lang) for code in codes)


def _tell(log: IssueLog, code: str, row: Mapping[Hashable, Any], **values: object) -> None:
    log.add(
        code,
        table="supply",
        file=row["source_file"],
        sheet=row["source_sheet"],
        row=int(row["source_row"]),
        key=row["contract_no"] or row["parcel_id"],
        value=row["parcel_id"],
        **values,
    )
