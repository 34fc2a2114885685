"""Who is not evaluated (method, section 6)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from landuse.keys import among, texts

if TYPE_CHECKING:
    import pandas as pd

    from landuse.rules.model import Rules

__all__ = ["add_months", "exempt_reasons"]

Dates = npt.NDArray[np.datetime64]


def add_months(dates: Dates, months: int) -> Dates:
    """The corresponding calendar day some months later; where there is none, the month's last.

    Source: method, section 7 (Civil Code, article 202).

    >>> add_months(np.array(["2024-02-29", "2024-12-31"], "datetime64[D]"), 24).astype(str).tolist()
    ['2026-02-28', '2026-12-31']
    """
    days = dates.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    offset = days - month.astype("datetime64[D]")
    target = month + np.timedelta64(months, "M")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    later: Dates = np.minimum(target.astype("datetime64[D]") + offset, last)
    return later


def exempt_reasons(
    enterprises: pd.DataFrame, exemptions: pd.DataFrame, rules: Rules, as_of: dt.date
) -> dict[str, str]:
    """Reason code of every exempt enterprise (schema ENTERPRISES, EXEMPTIONS); first reason wins.

    ``exempt_listed``, ``exempt_division`` (public utilities), ``exempt_new``: ``as_of`` comes
    before the start of production + ``grace_months``; a blank start is not exempt.
    """
    listed = among(enterprises["uscc"], exemptions["uscc"])
    utility = among(enterprises["division"], texts(rules.exempt_divisions))
    started = enterprises["production_started_on"].to_numpy(dtype="datetime64[s]")
    new = ~np.isnat(started)
    new[new] = np.datetime64(as_of, "D") < add_months(started[new], rules.grace_months)
    exempt = listed | utility | new
    reason = np.select(
        [listed[exempt], utility[exempt]], ["exempt_listed", "exempt_division"], "exempt_new"
    )
    return dict(zip(enterprises["uscc"][exempt], reason.tolist(), strict=True))
