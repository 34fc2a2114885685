"""A comparison of two runs in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from landuse.messages import Lang, text
from landuse.publish import words
from landuse.publish.visible import visible
from landuse.schema import published
from landuse.schema.frame import Column

__all__ = ["comparison_lines"]

Record = dict[str, Any]


def comparison_lines(content: Record, pack: Record, lang: Lang) -> list[str]:
    """The content of a :class:`landuse.publish.compare.Comparison` as lines."""
    a, b = content["runs"]
    moves = content["moves"]
    into = sum(one["move"] == "in" for one in moves)
    lines = [
        _say("head", lang, a=a["run_id"], b=b["run_id"]),
        _say("counts", lang, a=a["flagged"], b=b["flagged"], into=into, out=len(moves) - into),
        _say("mu", lang, a=words.number(a["flagged_mu"]), b=words.number(b["flagged_mu"])),
    ]
    changes = list(_changes(content["changes"], lang))
    lines += [_say("changes", lang), *changes] if changes else [_say("same_rules", lang)]
    labels = _labels(pack, lang)
    lines += [""] + [line for one in moves for line in _move(one, labels, lang)]
    if not moves:
        lines.append(_say("none", lang))
    return [visible(line) for line in lines]


def _say(name: str, lang: Lang, /, **values: object) -> str:
    return text(f"explain.cmp_{name}", lang, **values)


def _changes(changes: Record, lang: Lang) -> Iterator[str]:
    for one in changes["inputs"]:
        kind = "input_new" if one["a"] is None else "input_gone" if one["b"] is None else "changed"
        name = "input_changed" if kind == "changed" else kind
        yield "  " + _say(name, lang, name=one["name"])
    for group, name in (("rules", "rule"), ("settings", "setting")):
        for one in changes[group]:
            shown = {side: _value(one[side], lang) for side in ("a", "b")}
            yield "  " + _say(name, lang, name=one["name"], **shown)


def _move(move: Record, labels: dict[str, str], lang: Lang) -> Iterator[str]:
    yield _say(
        "move",
        lang,
        move=_say(move["move"], lang),
        name=move["name"],
        uscc=move["uscc"],
        a=_status(move["status"]["a"], lang),
        b=_status(move["status"]["b"], lang),
    )
    absent = [side for side in ("a", "b") if move["status"][side] is None]
    if absent:
        yield "  " + _say("appeared" if absent == ["a"] else "vanished", lang)
    own = words.join([_change(one, labels, lang) for one in move["own"]], lang)
    group = words.join([_change(one, labels, lang) for one in move["group"]], lang)
    if own:
        yield "  " + _say("own", lang, items=own)
    if group:
        yield "  " + _say("also" if own or absent else "group", lang, items=group)
    elif not own and not absent:
        yield "  " + _say("rules_only", lang)
    if move["inputs"]:
        yield "  " + _say("via", lang, names="、".join(move["inputs"]))


def _status(status: Record | None, lang: Lang) -> str:
    if status is None:
        return _say("absent", lang)
    word = words.word("status", status["status"], lang)
    reason = words.reason(status["reason"], lang)
    return text("workbook.heading", lang, label=word, unit=reason) if reason else word


def _change(one: Record, labels: dict[str, str], lang: Lang) -> str:
    said = {side: _value(one[side], lang, one["name"]) for side in ("a", "b")}
    return _say("value", lang, label=labels.get(one["name"], one["name"]), **said)


def _value(value: object, lang: Lang, name: str = "") -> str:
    if name == "cohort" and isinstance(value, str):
        return words.cohort(value, lang)
    if name == "reason" and isinstance(value, str):
        return words.reason(value, lang) or "—"
    if value is None or value == "":
        return "—"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return words.number(value, 6)
    if isinstance(value, list):
        return "、".join(str(one) for one in value) or "—"
    try:  # exact numbers of a pack stand as fractions
        return words.number(float(Fraction(str(value))), 6) if "/" in str(value) else str(value)
    except ValueError:
        return str(value)


def _labels(pack: Record, lang: Lang) -> dict[str, str]:
    """Headings of the values that can change."""
    figures = [
        Column(_column(one), "float", one["title_zh"], one["title_en"], one["unit"])
        for one in pack["figures"]
    ]
    benchmarks = [
        Column(
            f"benchmark_{one['key']}",
            "float",
            f"{one['title_zh']}基准",
            f"{one['title_en']}, benchmark",
            f"{one['unit_zh']}|{one['unit_en']}",
        )
        for one in pack["indicators"]
    ]
    columns = [*published.units_table(figures, [], []), *published.cohorts_table(benchmarks)]
    labels = {column.name: words.heading(column, lang) for column in columns}
    return labels | {"price": _say("price", lang), "reference": _say("reference", lang)}


def _column(figure: Record) -> str:
    bare = figure["unit"] == "1" or figure["key"].endswith(f"_{figure['unit']}")
    return str(figure["key"]) if bare else f"{figure['key']}_{figure['unit']}"
