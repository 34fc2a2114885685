"""Every sentence that the readers of tables say is there, in both languages, with a hint."""

from __future__ import annotations

import re
import string
from pathlib import Path

from landuse.messages import codes, sentence

ROOM = Path(__file__).parents[2] / "landuse" / "intake"
OWN = [code for code in codes() if code.startswith("intake_tables.")]


def test_every_code_in_the_source_has_a_sentence():
    source = "".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    used = set(re.findall(r"intake_tables\.[a-z_]+[a-z]", source)) - {"intake_tables.correction"}
    assert used <= set(OWN)
    spoken = source + " ".join(f"correction_{end}" for end in ("applied", "key_not_found"))
    unused = [code for code in OWN if code.split(".")[1] not in spoken]
    assert [code for code in unused if not code.startswith("intake_tables.correction_")] == []


def test_both_languages_name_the_same_values_and_what_is_wrong_has_a_hint():
    for code in OWN:
        entry = sentence(code)
        names = [
            {name for _, name, _, _ in string.Formatter().parse(entry[lang]) if name}
            for lang in ("zh", "en")
        ]
        alike = {"title", "title_en", "word"}
        assert names[0] - alike == names[1] - alike, code
        if entry.get("severity") in ("error", "warning"):
            assert entry["hint_zh"], code
            assert entry["hint_en"], code
