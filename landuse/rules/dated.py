"""What a pack states, as it holds on one day: dated values and the form of every table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from landuse.issues import IssueLog
from landuse.rules.document import Document, dotted, nearest
from landuse.rules.model import Provenance

__all__ = ["Resolver"]

Key = tuple[str | int, ...]
_VALUE: Final = ("value", "dated", "unit", "source")
_LINE: Final = ("from", "value", "source")


class Resolver:
    """Reads the tables of one document for one day; faults go to the log."""

    def __init__(self, document: Document, as_of: dt.date, log: IssueLog) -> None:
        self.document = document
        self.as_of = as_of
        self.log = log

    def fault(self, code: str, key: Key, **values: object) -> None:
        """One fault at a key of the document."""
        values.setdefault("value", "")
        place = {"file": self.document.name, "row": self.document.line(key)}
        self.log.add(code, **place, where=dotted(key), **values)

    def known(self, key: Key, table: Mapping[str, Any], names: Iterable[str]) -> None:
        """Report every name in ``table`` that is not one of ``names``."""
        names = tuple(names)
        for name in table:
            if name not in names:
                close = nearest(name, names)
                self.fault("rules.unknown_key", (*key, name), value=name, nearest=close)

    def table(self, key: Key) -> dict[str, Any]:
        """The table at ``key``; empty where it is absent or no table."""
        data: Any = self.document.data
        for part in key:
            data = data.get(part, {})
        if isinstance(data, dict):
            return data
        self.fault("rules.not_a_table", key, value=str(data))
        return {}

    def value(self, key: Key) -> tuple[Any, Provenance] | None:
        """Value and origin of a ``[values.X]`` table; ``None`` where it cannot be told."""
        table = self.table(key)
        self.known(key, table, _VALUE)
        for name in ("unit", "source"):
            if not self._is_text(table.get(name)) and not (name == "source" and "dated" in table):
                self.fault("rules.missing_key", (*key, name))
        if ("value" in table) == ("dated" in table):
            self.fault("rules.value_or_dated", key)
            return None
        unit, source = str(table.get("unit", "")), str(table.get("source", ""))
        if "value" in table:
            return table["value"], Provenance(unit=unit, source=source)
        line = self.line((*key, "dated"), table["dated"], source)
        if line is None:
            return None
        since, source = line["from"], line.get("source", source)
        return line["value"], Provenance(unit=unit, source=source, since=since)

    def line(self, key: Key, lines: object, source: str) -> dict[str, Any] | None:
        """The line of a dated list that holds on the day: the latest ``from`` up to it."""
        if not isinstance(lines, list) or not lines:
            self.fault("rules.not_a_list", key, value=str(lines))
            return None
        sound = [self._sound((*key, n), line, source) for n, line in enumerate(lines)]
        if not all(sound):
            return None
        dates = [line["from"] for line in lines]
        if len(set(dates)) < len(dates):
            self.fault("rules.date_repeats", key)
            return None
        current = [line for line in lines if line["from"] <= self.as_of]
        if not current:
            first = min(dates).isoformat()
            self.fault("rules.before_first", key, value=self.as_of.isoformat(), first=first)
            return None
        latest: dict[str, Any] = max(current, key=_since)
        return latest

    def _sound(self, key: Key, line: object, source: str) -> bool:
        before = len(self.log)
        if not isinstance(line, dict):
            self.fault("rules.not_a_table", key, value=str(line))
            return False
        self.known(key, line, _LINE)
        since = line.get("from")
        if not isinstance(since, dt.date) or isinstance(since, dt.datetime):
            self.fault("rules.not_a_date", (*key, "from"), value=str(since or ""))
        if "value" not in line:
            self.fault("rules.missing_key", (*key, "value"))
        if not self._is_text(line.get("source", source)):
            self.fault("rules.missing_key", (*key, "source"))
        return len(self.log) == before

    def entries(
        self, part: str, names: tuple[str, ...], origins: dict[str, Provenance]
    ) -> dict[str, dict[str, Any]]:
        """The tables ``[part.X]``, what is dated in them resolved; its origin to ``origins``."""
        found: dict[str, dict[str, Any]] = {}
        for key in self.table((part,)):
            table = self.table((part, key))
            self.known((part, key), table, names)
            entry: dict[str, Any] = {}
            for name, written in table.items():
                if isinstance(written, dict) and set(written) == {"dated"}:
                    self._dated((part, key, name), table, entry, origins)
                elif name in names:
                    entry[name] = written
            found[key] = entry
        return found

    def _dated(
        self,
        key: Key,
        table: Mapping[str, Any],
        entry: dict[str, Any],
        origins: dict[str, Provenance],
    ) -> None:
        name, source = str(key[-1]), str(table.get("source", ""))
        line = self.line((*key, "dated"), table[name]["dated"], source)
        if line is None:
            return
        entry[name] = line["value"]
        unit = f"kgce/{table.get('unit', '')}" if key[0] == "energy" else name
        origins[dotted(key)] = Provenance(
            unit=unit, source=line.get("source", source), since=line["from"]
        )

    @staticmethod
    def _is_text(value: object) -> bool:
        return isinstance(value, str) and bool(value.strip())


def _since(line: Mapping[str, Any]) -> dt.date:
    since: dt.date = line["from"]
    return since
