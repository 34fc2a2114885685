"""The papers beside the data: project file, list of planted troubles, README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from generator.county import County

if TYPE_CHECKING:
    from generator.troubles import Planted, Trouble

_HERE = Path(__file__).parent


def write(folder: Path, county: County, planted: Planted) -> None:
    """Write project.toml, planted.toml and README.md."""
    _text(folder / "project.toml", (_HERE / "project.toml.in").read_text("utf-8"))
    _text(folder / "planted.toml", _planted(planted))
    readme = (_HERE / "README.md.in").read_text("utf-8")
    counts = {
        "@PARCELS@": str(len(county.lots)),
        "@FIRMS@": str(len(county.firms)),
        "@KINDS@": str(len({trouble.kind for trouble in planted.troubles})),
        "@TROUBLES@": _table(planted.troubles),
    }
    for mark, text in counts.items():
        readme = readme.replace(mark, text)
    _text(folder / "README.md", readme)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _planted(planted: Planted) -> str:
    """TOML by hand: a JSON string is a TOML basic string."""
    lines = ["# Every planted trouble of the sample, for tests. Written by make_sample.py."]
    for trouble in planted.troubles:
        lines.append("\n[[trouble]]")
        lines += [
            f"{name} = {json.dumps(getattr(trouble, name), ensure_ascii=False)}"
            for name in ("kind", "table", "file", "key", "value", "note")
        ]
        lines.append(f"row = {trouble.row}")
        lines.append(f"shows = {json.dumps(list(trouble.shows), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _table(troubles: list[Trouble]) -> str:
    """One line a kind, with its keys."""
    kinds: dict[tuple[str, str], list[Trouble]] = {}
    for trouble in troubles:
        kinds.setdefault((trouble.kind, trouble.table), []).append(trouble)
    lines = ["| trouble | table | what | shows in | keys |", "|---|---|---|---|---|"]
    for (kind, table), found in kinds.items():
        keys = [_plain(trouble) for trouble in found[:4]]
        more = f" … {len(found)} in all" if len(found) > 4 else ""
        cells = (
            f"`{kind}`",
            table,
            found[0].note,
            ", ".join(found[0].shows),
            "<br>".join(keys) + more,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _plain(trouble: Trouble) -> str:
    place = f" ({trouble.file} {trouble.row})" if trouble.row else ""
    return f"`{trouble.key}`{place}" if trouble.key else f"–{place}"
