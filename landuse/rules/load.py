"""From a rule pack and a day to one frozen :class:`Rules`.

A pack is a TOML file: ``[pack]``, one ``[values.X]`` a value (``value`` or ``dated``, ``unit``,
``source``), ``[figures.X]``, ``[indicators.X]`` and ``[energy.X]``. Anything in a figure, an
indicator or an energy may also be dated: ``weight = { dated = [{ from = …, value = "0.4" }] }``.
A pack that ``extends`` another states only what differs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from landuse.errors import UserError
from landuse.issues import IssueLog
from landuse.rules.check import check
from landuse.rules.dated import Resolver
from landuse.rules.document import Document, Key, dotted, nearest, read, report
from landuse.rules.model import Energy, Figure, Indicator, Provenance, Rules, as_written
from landuse.rules.override import apply, overriding

__all__ = ["load", "shipped"]

_NONE: Final[Mapping[str, object]] = MappingProxyType({})
_REMOTE: Final = re.compile(r"[\\/]{2}|[A-Za-z][A-Za-z0-9+.-]+:")
_PACK: Final = ("name", "version", "issued_on", "title_zh", "title_en", "source")
_MODELS: Final[dict[str, type[Figure | Indicator | Energy]]] = {
    "figures": Figure,
    "indicators": Indicator,
    "energy": Energy,
}
VALUES: Final = tuple(
    name
    for name in Rules.model_fields
    if name not in {*_PACK, "digest", "provenance", "figures", "indicators", "energy"}
)
"""The names that stand under ``[values]``."""


@dataclass
class Draft:
    """A pack as it holds on one day, before it is validated."""

    document: Document
    pack: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    indicators: dict[str, Any] = field(default_factory=dict)
    energy: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Provenance] = field(default_factory=dict)

    def place(self, key: Key) -> dict[str, object]:
        """File, line and name of a statement; one of the project's is named as it stands there."""
        if (name := overriding(key, self.provenance, self.energy)) is not None:
            return {"where": f"rules.override.{name}"}
        where = dotted(key)
        return {"file": self.document.name, "row": self.document.line(key), "where": where}


def shipped() -> list[str]:
    """Names of the packs that come with the program, sorted.

    >>> "three-indicator" in shipped()
    True
    """
    folder = resources.files("landuse.rules").joinpath("packs")
    return sorted(
        p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")
    )


def load(
    pack: str | Path,
    *,
    as_of: dt.date,
    override: Mapping[str, object] = _NONE,
    base: Path | None = None,
) -> Rules:
    """The rules of ``pack`` as they hold on ``as_of``, with the project's overrides.

    ``pack`` is a shipped name or a path (relative to ``base``). Raises
    :class:`landuse.errors.UserError` with every fault of the pack and of the overrides.
    """
    log = IssueLog()
    document = _open(pack, base)
    draft = _draft(document, as_of, base, log, ())
    apply(draft, override, document.name, log)
    parts = {part: _models(part, draft, log) for part in _MODELS}
    rules = _build(draft, parts, log)
    whole = all(len(parts[part]) == len(getattr(draft, part)) for part in _MODELS)
    if rules is not None and whole:
        check(rules, draft.place, log)
    if rules is None or len(log):
        raise UserError(list(log))
    return rules.model_copy(update={"digest": _digest(rules)})


def _open(pack: str | Path, base: Path | None) -> Document:
    name = str(pack)
    if name in shipped():
        text = resources.files("landuse.rules").joinpath("packs", f"{name}.toml")
        with resources.as_file(text) as path:
            return read(path, f"{name}.toml")
    if isinstance(pack, str) and not name.endswith(".toml") and not {"/", "\\"} & set(name):
        close = nearest(name, shipped())
        raise UserError.of(
            "rules.unknown_pack", value=name, nearest=close, known=", ".join(shipped())
        )
    if _REMOTE.match(name):
        raise UserError.of("rules.remote_pack", value=name)
    path = (base or Path()) / pack
    return read(path, Path(name).as_posix())


def _draft(
    document: Document, as_of: dt.date, base: Path | None, log: IssueLog, seen: tuple[str, ...]
) -> Draft:
    """The document's own statements on top of those of the pack that it extends."""
    resolver = Resolver(document, as_of, log)
    resolver.known((), document.data, ("pack", "values", *_MODELS))
    head = resolver.table(("pack",))
    resolver.known(("pack",), head, (*_PACK, "extends"))
    draft = _parent(document, head.get("extends"), as_of, base, log, seen)
    draft.document = document
    draft.pack = {name: value for name, value in head.items() if name != "extends"}
    values = resolver.table(("values",))
    resolver.known(("values",), values, VALUES)
    for name in values:
        found = resolver.value(("values", name))
        if found is not None and name in VALUES:
            draft.values[name], draft.provenance[f"values.{name}"] = found
    for part, model in _MODELS.items():
        fields = tuple(name for name in model.model_fields if name != "key")
        entries = resolver.entries(part, fields, draft.provenance)
        if part == "energy":
            draft.energy |= entries
        elif entries:
            setattr(draft, part, entries)
    return draft


def _parent(
    document: Document,
    parent: object,
    as_of: dt.date,
    base: Path | None,
    log: IssueLog,
    seen: tuple[str, ...],
) -> Draft:
    if parent is None:
        return Draft(document)
    if not isinstance(parent, str) or parent in seen:
        place = {"file": document.name, "row": document.line(("pack", "extends"))}
        raise UserError.of("rules.circular", **place, value=str(parent))
    return _draft(_open(parent, base), as_of, base, log, (*seen, parent))


def _models(part: str, draft: Draft, log: IssueLog) -> list[Any]:
    model = _MODELS[part]
    entries: dict[str, Any] = getattr(draft, part)
    found = []
    for key, entry in entries.items():
        try:
            found.append(model.model_validate({"key": key, **entry}))
        except ValidationError as error:
            report(error, log, lambda loc, key=key: draft.place((part, key, *loc[:2])))  # type: ignore[misc]
    return found


def _build(draft: Draft, parts: Mapping[str, list[Any]], log: IssueLog) -> Rules | None:
    stated = {**draft.pack, **draft.values}
    try:
        return Rules.model_validate({**stated, **parts, "provenance": draft.provenance})
    except ValidationError as error:
        report(error, log, lambda loc: draft.place(_stated(loc)))
        return None


def _stated(loc: Key) -> Key:
    """Where in a pack a value of :class:`Rules` is stated."""
    return ("pack", loc[0]) if loc[0] in _PACK else ("values", loc[0])


def _digest(rules: Rules) -> str:
    """SHA-256 of everything the rules say, in canonical JSON."""
    content = json.dumps(
        as_written(rules), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(content.encode()).hexdigest()
