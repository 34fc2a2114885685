"""The disposal ledger as a workbook: its columns, and what a person may write in each.

The publisher writes these columns and the intake reads them back. A column is known by its
heading alone, in either language, so that moving, hiding or inserting columns changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from landuse.messages import Lang

__all__ = [
    "CASES",
    "CASE_KEY",
    "CHECK",
    "EXPORTED",
    "PARTS",
    "PART_KEY",
    "REVISION",
    "BookColumn",
    "Form",
    "Role",
    "heading_of",
]

Form = Literal["text", "mu", "floor", "date", "state", "way", "kind", "number", "int"]
Role = Literal["computed", "edit", "entry"]

CASE_KEY: Final = "landuse:case"
PART_KEY: Final = "landuse:part"
REVISION: Final = "landuse:revision"
CHECK: Final = "landuse:check"
EXPORTED: Final = "landuse:exported"
"""Headings of the hidden columns and of the hidden list of cases, the same in both languages."""


@dataclass(frozen=True, slots=True)
class BookColumn:
    """A column of the workbook.

    ``form`` says how a cell is read: ``mu`` and ``floor`` are areas to 4 and 2 decimals, ``state``,
    ``way`` and ``kind`` words for codes. ``role``: ``computed`` cells are never read back, ``edit``
    cells hold what the ledger holds, ``entry`` cells are blank and go with this change alone.
    ``entity`` and ``field`` name what it is in the ledger (``case`` or ``part``).
    """

    name: str
    zh: str
    en: str
    form: Form
    role: Role
    width: float
    entity: str = ""
    field: str = ""
    printed: bool = True
    unit_zh: str = ""
    unit_en: str = ""

    def heading(self, lang: Lang) -> str:
        """The heading with its unit."""
        if lang == "zh":
            return f"{self.zh}（{self.unit_zh}）" if self.unit_zh else self.zh
        return f"{self.en} ({self.unit_en})" if self.unit_en else self.en


def _computed(
    name: str, zh: str, en: str, form: Form, width: float, *, printed: bool = True
) -> BookColumn:
    units = {"mu": ("亩", "mu"), "floor": ("平方米", "m²")}.get(form, ("", ""))
    return BookColumn(
        name, zh, en, form, "computed", width,
        printed=printed, unit_zh=units[0], unit_en=units[1],
    )  # fmt: skip


def _case(
    name: str, zh: str, en: str, form: Form, width: float, *, printed: bool = True
) -> BookColumn:
    """A field of the case, which people write; its name is that of the ledger."""
    units = {"floor": ("平方米", "m²")}.get(form, ("", ""))
    return BookColumn(
        name, zh, en, form, "edit", width, "case", name,
        printed=printed, unit_zh=units[0], unit_en=units[1],
    )  # fmt: skip


def _part(
    name: str, zh: str, en: str, form: Form, width: float, field: str, *, printed: bool = True
) -> BookColumn:
    """A field of the only part of a case, or of one part."""
    units = {"mu": ("亩", "mu"), "floor": ("平方米", "m²")}.get(form, ("", ""))
    return BookColumn(
        name, zh, en, form, "edit", width, "part", field,
        printed=printed, unit_zh=units[0], unit_en=units[1],
    )  # fmt: skip


def _entry(name: str, zh: str, en: str, width: float) -> BookColumn:
    return BookColumn(name, zh, en, "text", "entry", width, printed=False)


def _tax(name: str, zh: str, en: str) -> BookColumn:
    return BookColumn(
        name, zh, en, "number", "computed", 9.5, unit_zh="万元/亩", unit_en="10k yuan/mu"
    )


_SEQ: Final = _computed("seq_no", "序号", "no.", "int", 5)
_NUMBER: Final = _computed("number", "台账编号", "case", "text", 9.5)
_PARCELS: Final = _computed("parcels", "宗地代码", "parcel code", "text", 20)
_MU: Final = _computed("case_mu_e4", "面积", "area", "mu", 9.5)
_REST: Final = _computed("remaining_mu_e4", "剩余面积", "remaining area", "mu", 9.5)
_WHY: Final = _entry("why", "本次变更理由", "reason for this change", 18)

CASES: Final[tuple[BookColumn, ...]] = (
    _SEQ,
    _NUMBER,
    _PARCELS,
    _case("original_enterprises", "企业", "enterprise", "text", 19),
    _computed("uscc", "统一社会信用代码", "credit code", "text", 20.5),
    _case("address", "坐落", "address", "text", 12),
    _case("township", "镇街", "township", "text", 8),
    _case("park", "园区", "park", "text", 10),
    _MU,
    _case("floor_area_m2_e2", "建筑面积", "floor area", "floor", 9.5),
    _computed("kind", "低效/闲置类型", "kind", "kind", 9),
    _tax("tax_this_year", "上年度亩均税收", "tax per mu, last year"),
    _tax("tax_year_before", "上上年度亩均税收", "tax per mu, year before last"),
    _part("way", "处置方式", "way of disposal", "way", 12, "way"),
    _case("state", "当前状态", "state", "state", 10),
    _part("part_mu_e4", "处置面积", "disposed area", "mu", 9.5, "mu_e4"),
    _REST,
    _case("responsible_unit", "责任单位", "responsible unit", "text", 11),
    _case("responsible_person", "包保责任人", "responsible person", "text", 9),
    _case("deadline", "完成时限", "deadline", "date", 11),
    _case("issue_type", "问题类型", "issue type", "text", 8),
    _case("problems", "问题详细描述", "problems", "text", 14),
    _case("progress", "进展", "progress", "text", 18),
    _case("notes", "备注", "notes", "text", 11),
    _case("publication_from", "公示开始", "publication from", "date", 11, printed=False),
    _case("publication_to", "公示结束", "publication to", "date", 11, printed=False),
    _part("part_floor_m2_e2", "处置建筑面积", "disposed floor area", "floor", 10,
          "floor_area_m2_e2", printed=False),
    _part("receiving_enterprise", "承接企业", "receiving enterprise", "text", 18,
          "receiving_enterprise", printed=False),
    _part("started_on", "处置开始日期", "disposal started on", "date", 11, "started_on",
          printed=False),
    _part("part_accepted_on", "验收日期", "accepted on", "date", 11, "accepted_on", printed=False),
    _computed("finding", "最近识别情况", "latest finding", "text", 44, printed=False),
    _computed("allowed", "状态可改为", "state may become", "text", 22, printed=False),
    _entry("basis", "本次依据（文书、异议或摸排记录）",
           "basis of this move (document, objection or survey note)", 22),
    _WHY,
)  # fmt: skip
"""Sheet 处置台账: one row a case. Columns of a part hold the only part of the case; of several
parts they show the sum and are not read."""

PARTS: Final[tuple[BookColumn, ...]] = (
    _SEQ,
    _NUMBER,
    _computed("part_no", "项", "part", "int", 5),
    _PARCELS,
    _computed("original_enterprises", "企业", "enterprise", "text", 24),
    _computed("park", "园区", "park", "text", 12),
    _MU,
    _computed("state", "当前状态", "state", "state", 10),
    _part("way", "处置方式", "way of disposal", "way", 14, "way"),
    _part("part_mu_e4", "处置面积", "disposed area", "mu", 11, "mu_e4"),
    _part("part_floor_m2_e2", "处置建筑面积", "disposed floor area", "floor", 12,
          "floor_area_m2_e2"),
    _part("receiving_enterprise", "承接企业", "receiving enterprise", "text", 24,
          "receiving_enterprise"),
    _part("started_on", "处置开始日期", "disposal started on", "date", 12, "started_on"),
    _part("part_accepted_on", "验收日期", "accepted on", "date", 12, "accepted_on"),
    _REST,
    _WHY,
)  # fmt: skip
"""Sheet 处置明细: one row a part (way of disposal)."""


def heading_of(name: str, columns: tuple[BookColumn, ...], lang: Lang) -> str:
    """The heading of the column ``name``.

    >>> heading_of("case_mu_e4", CASES, "zh"), heading_of("case_mu_e4", CASES, "en")
    ('面积（亩）', 'area (mu)')
    """
    return next(column.heading(lang) for column in columns if column.name == name)
