"""Chains of industry: a leader (链主) and the N firms around it ("1+N"), and their sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from landuse.parks.frames import typed
from landuse.parks.shown import UNITS, joined, number, ratio
from landuse.schema.park_firms import CHAIN_FIRMS, CHAIN_SUMS

if TYPE_CHECKING:
    import pandas as pd

    from landuse.issues import IssueLog

__all__ = ["chain_firms", "chain_sums"]

_FIGURES: Final = ("area_m2_micro", "tax_wan_micro", "output_wan_micro")
_SOURCE: Final = ("source_file", "source_sheet", "source_row")


def chain_firms(promises: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """CHAIN_FIRMS: each firm of each chain once, by chain, leaders first, then by name.

    ``promises`` is PROMISES; ``measured`` has ``uscc``, ``area_m2_micro`` and any of
    ``tax_wan_micro``, ``output_wan_micro``. A firm that one row calls leader is one. A firm that is
    known by its name alone has no figures.
    """
    known = {str(row["uscc"]): row for row in measured.to_dict("records")}
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    ordered = promises.sort_values(list(_SOURCE), kind="stable")
    for row in ordered[ordered["chain"] != ""].to_dict("records"):
        place = (str(row["chain"]), str(row["uscc"] or row["name"]))
        kept = chosen.get(place)
        if kept is None:
            chosen[place] = _firm(row, known.get(str(row["uscc"]), {}))
        elif row["chain_role"] == "leader":
            kept["chain_role"] = "leader"
    return typed(sorted(chosen.values(), key=_order), CHAIN_FIRMS)


def _firm(row: Mapping[Any, Any], found: Mapping[Any, Any]) -> dict[str, Any]:
    names = ("chain", "chain_role", "uscc", "name", "park", *_SOURCE)
    figures = {name: number(found.get(name)) for name in _FIGURES}
    return {**{name: row[name] for name in names}, **figures}


def _order(row: Mapping[str, Any]) -> tuple[str, bool, str, str]:
    return str(row["chain"]), row["chain_role"] != "leader", str(row["name"]), str(row["uscc"])


def chain_sums(firms: pd.DataFrame, log: IssueLog) -> pd.DataFrame:
    """CHAIN_SUMS of CHAIN_FIRMS, by chain; a chain without a leader, or with several, is an
    issue."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in firms.to_dict("records"):
        one = {str(name): value for name, value in row.items()}
        groups.setdefault(str(row["chain"]), []).append(one)
    rows = []
    for chain, members in sorted(groups.items()):
        leaders = [str(row["name"] or row["uscc"]) for row in members if _leads(row)]
        if len(leaders) != 1:
            code = "parks.chain_leaders" if leaders else "parks.chain_no_leader"
            place = {name.removeprefix("source_"): members[0][name] for name in _SOURCE}
            log.add(code, table="promises", key=chain, value=joined(leaders), **place)
        rows.append({"chain": chain, **_sums(members, leaders)})
    return typed(rows, CHAIN_SUMS)


def _leads(row: Mapping[str, Any]) -> bool:
    return bool(row["chain_role"] == "leader")


def _sums(members: list[dict[str, Any]], leaders: list[str]) -> dict[str, Any]:
    others = len(members) - len(leaders)
    both = [r for r in members if _cell(r, "tax_wan_micro") is not None and _land(r)]
    tax, area = (_sum(both, name) for name in ("tax_wan_micro", "area_m2_micro"))
    per_mu = ratio(tax, area)
    unknown = [row for row in members if not _land(row) or any(
        _cell(row, name) is None for name in _FIGURES)]  # fmt: skip
    return {
        "form": f"{len(leaders)}+{others}",
        "leaders": len(leaders),
        "members": others,
        "leader_names": joined(leaders),
        **{name: _sum(members, name) for name in _FIGURES},
        "tax_wan_per_mu": None if per_mu is None else float(per_mu * UNITS["wan/mu"]),
        "unknown": joined(str(row["name"] or row["uscc"]) for row in unknown),
    }


def _cell(row: Mapping[str, Any], name: str) -> int | None:
    return number(row[name])


def _land(row: Mapping[str, Any]) -> bool:
    return bool(_cell(row, "area_m2_micro"))


def _sum(rows: Iterable[Mapping[str, Any]], name: str) -> int | None:
    known = [value for row in rows if (value := _cell(row, name)) is not None]
    return sum(known) if known else None
