"""The font of a sheet: one with Chinese signs, or a fault in words; never empty boxes."""

from __future__ import annotations

import contextlib
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.visible import visible

if TYPE_CHECKING:
    from matplotlib.font_manager import FontManager

__all__ = ["CHINESE", "Fonts", "find_fonts", "printing"]

CHINESE: Final = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Source Han Sans CN"),
    *("Microsoft YaHei", "SimHei", "DengXian", "PingFang SC", "Heiti SC", "Hiragino Sans GB"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "SimSun", "FangSong"),
)
"""Families with Chinese signs, the better readable first (Linux, Windows, macOS)."""
_LIKELY: Final = (
    *("cjk", "notosanssc", "sourcehan", "msyh", "simhei", "simsun", "simfang", "deng"),
    *("pingfang", "stheiti", "hiragino", "wqy", "droidsansfallback"),
)
"""Parts of the file names of these, to find one that was installed after matplotlib last looked."""
_SECOND: Final = "DejaVu Sans"
"""Comes with matplotlib: for signs that a Chinese font lacks."""
_PROBE: Final = "低效工业用地宗亩"
_TRUETYPE, _TYPE3 = 42, 3
_SHAPELESS: Final = {"Cf", "Mn", "Me"}
"""Kinds of signs without a shape of their own: they could only hide in a name."""
_PICTURES: Final = 0x2400


@dataclass(frozen=True)
class Fonts:
    """``families`` in the order of use; ``pdf_kind`` is matplotlib's ``pdf.fonttype``.

    ``unknown`` collects the signs that none of them has.
    """

    families: tuple[str, ...]
    pdf_kind: int
    known: frozenset[int]
    unknown: set[str] = field(default_factory=set)

    def legible(self, text: str) -> str:
        """``text`` as it can be printed: a sign that no font has stands as its number.

        Controls are made visible, so that a name can neither hide nor turn the line.
        """
        shown = "".join(one for one in visible(text) if unicodedata.category(one) not in _SHAPELESS)
        for one in sorted({one for one in shown if ord(one) not in self.known and one != "\n"}):
            code = ord(one)
            if _PICTURES <= code < _PICTURES + 0x20:  # the picture of a control
                code -= _PICTURES
            else:
                self.unknown.add(one)
            shown = shown.replace(one, f"[U+{code:04X}]")
        return shown


def find_fonts(file: Path | None = None) -> Fonts:
    """The first Chinese font of this machine, or the one in ``file``.

    Raises :class:`landuse.errors.UserError` where there is none: the sheet would show empty boxes.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    family = _from_file(manager, file) if file else _installed(manager)
    if family is None:
        raise UserError.of("sheet.no_font")
    path = font_manager.findfont(family, fallback_to_default=False)
    second = font_manager.findfont(_SECOND, fallback_to_default=False)
    known = _signs(path) | _signs(second)
    # a font with PostScript outlines is no TrueType font, and readers refuse it as one
    kind = _TYPE3 if _is_postscript(path) else _TRUETYPE
    return Fonts((family, _SECOND), kind, frozenset(known))


def _installed(manager: FontManager) -> str | None:
    from matplotlib import font_manager

    names = {entry.name for entry in manager.ttflist}
    for family in CHINESE:
        if family in names:
            return family
    seen = {entry.fname for entry in manager.ttflist}
    for path in sorted(font_manager.findSystemFonts()):
        if path not in seen and any(part in Path(path).name.lower() for part in _LIKELY):
            with contextlib.suppress(OSError, RuntimeError):
                manager.addfont(path)
    names = {entry.name for entry in manager.ttflist}
    return next((family for family in CHINESE if family in names), None)


def _from_file(manager: FontManager, file: Path) -> str:
    """The family in ``file``; of a collection the Chinese one."""
    if not file.is_file():
        raise UserError.of("sheet.font_absent", value=str(file))
    before = len(manager.ttflist)
    try:
        manager.addfont(str(file))
    except (OSError, RuntimeError, ValueError) as fault:
        raise UserError.of("sheet.font_unreadable", value=str(file)) from fault
    mine = [entry.name for entry in manager.ttflist if Path(entry.fname) == file]
    mine = mine or [entry.name for entry in manager.ttflist[before:]]
    ordered = sorted(dict.fromkeys(mine), key=lambda name: (name not in CHINESE, mine.index(name)))
    from matplotlib import font_manager

    for family in ordered:
        path = font_manager.findfont(family, fallback_to_default=False)
        if {ord(one) for one in _PROBE} <= _signs(path):
            return family
    raise UserError.of("sheet.font_not_chinese", value=str(file))


def _signs(path: Any) -> set[int]:  # noqa: ANN401 - matplotlib's FontPath: a str with a face index
    from matplotlib import font_manager

    return set(font_manager.get_font(path).get_charmap())


def _is_postscript(path: Any) -> bool:  # noqa: ANN401 - as above
    """Whether the outlines are PostScript's (CFF), by the first bytes of the face."""
    with Path(path).open("rb") as file:
        begin = file.read(4)
        if begin == b"ttcf":
            file.seek(12 + 4 * int(getattr(path, "face_index", 0)))
            file.seek(struct.unpack(">I", file.read(4))[0])
            begin = file.read(4)
    return begin == b"OTTO"


@contextlib.contextmanager
def printing(fonts: Fonts) -> Iterator[None]:
    """matplotlib's settings and ours inside the block; nobody's ``matplotlibrc`` counts.

    No text is read as a formula, whatever a name holds.
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": list(fonts.families),
                "axes.unicode_minus": False,
                "text.parse_math": False,
                "text.usetex": False,
                "pdf.fonttype": fonts.pdf_kind,
                "pdf.compression": 6,
                "hatch.linewidth": 0.6,
                "path.simplify": False,
            }
        )
        yield
