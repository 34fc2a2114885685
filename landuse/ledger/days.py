"""Which calendar day a moment falls on, for the people who keep the ledger.

Moments are stored in UTC; terms, deadlines and the year of a case number are days of China
standard time, which has no summer time.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

__all__ = ["LOCAL", "day_of", "end_of", "month_before"]

LOCAL: Final = timezone(timedelta(hours=8), "UTC+8")
"""China standard time."""


def day_of(at: datetime) -> date:
    """The calendar day of a moment.

    >>> from datetime import UTC
    >>> day_of(datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
    datetime.date(2026, 1, 1)
    """
    return at.astimezone(LOCAL).date()


def end_of(day: date) -> datetime:
    """The last moment of a day.

    >>> end_of(date(2026, 3, 31)).isoformat()
    '2026-03-31T23:59:59.999999+08:00'
    """
    return datetime.combine(day, time.max, LOCAL)


def month_before(day: date) -> date:
    """The last day of the month before that of ``day``.

    >>> month_before(date(2026, 3, 15))
    datetime.date(2026, 2, 28)
    """
    return day.replace(day=1) - timedelta(days=1)
