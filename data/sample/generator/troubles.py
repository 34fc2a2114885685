"""The troubles of real files, planted one by one and written down."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from generator import codes, occupancy, parcels, records, supply
from generator.county import County


@dataclass
class Trouble:
    """One planted trouble: what, in which table, under which key, and where it must show.

    ``shows`` lists where: ``issue``, ``set_aside``, ``fact``, ``link``, ``suggestion``,
    ``unmatched_parcel``, ``unmatched_enterprise``, ``status:<reason>``, ``ungraded``,
    ``cohort:pool``, ``out_of_scope``, ``under_construction``, ``no_price``, ``two_zones``,
    ``correction``, ``unread``, or ``text`` (shown as it is, nothing runs); ``value`` is the cell
    or the detail.
    """

    kind: str
    table: str
    key: str
    shows: tuple[str, ...]
    note: str
    value: str = ""
    file: str = ""
    row: int = 0


@dataclass
class Planted:
    """The list of troubles and the changes to the cells that the tables must write.

    ``cells``: (table, uscc, year) → heading → what stands there instead; ``dropped``: rows that
    are not written; ``repeated``: rows written twice; ``hidden``: rows that are hidden.
    """

    troubles: list[Trouble] = field(default_factory=list)
    cells: dict[tuple[str, str, int], dict[str, object]] = field(default_factory=dict)
    dropped: set[tuple[str, str, int]] = field(default_factory=set)
    repeated: set[tuple[str, str, int]] = field(default_factory=set)
    hidden: set[tuple[str, str, int]] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)

    def add(
        self, kind: str, table: str, key: str, shows: str, note: str, value: object = ""
    ) -> None:
        """Write one trouble down; ``shows`` lists its places with spaces between."""
        self.troubles.append(Trouble(kind, table, key, tuple(shows.split()), note, str(value)))

    def cell(self, table: str, uscc: str, year: int, heading: str, value: object) -> None:
        """Another cell than the true one."""
        self.cells.setdefault((table, uscc, year), {})[heading] = value


def plant(rng: random.Random, county: County) -> Planted:
    """Change ``county`` in place; return what was planted."""
    planted = Planted()
    supply.plant(rng, county, planted)
    parcels.plant(county, planted)
    occupancy.plant(rng, county, planted)
    records.plant(rng, county, planted)
    return planted


__all__ = ["Planted", "Trouble", "codes", "plant"]
