"""Every script that we ship, ours and vendored, can be read and run by Chromium 86 (2020)."""

from __future__ import annotations

from pathlib import Path

import pytest

from landuse.publish.map import assets

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
ACORN = next((ROOT / "tests" / "vendor").glob("acorn-*/dist/acorn.js"))
OURS = sorted((ROOT / "landuse" / "publish" / "map" / "page").glob("*.js"))
WEB = sorted((ROOT / "landuse" / "web" / "static").rglob("*.js"))

# methods and functions that came after Chromium 86, with the version that brought them
CALLS = {
    "at": 92, "hasOwn": 93, "findLast": 97, "findLastIndex": 97, "toSorted": 110, "with": 110,
    "toReversed": 110, "toSpliced": 110, "groupBy": 117, "fromAsync": 121, "withResolvers": 119,
    "isWellFormed": 111, "toWellFormed": 111, "randomUUID": 92, "canParse": 120, "roundRect": 99,
    "createConicGradient": 99, "showPicker": 99, "showPopover": 114, "checkVisibility": 105,
    "throwIfAborted": 100, "setHTML": 146, "getHTML": 125, "union": 122,
    "intersection": 122, "difference": 122,
}  # fmt: skip
NAMES = {"Segmenter": 87, "scheduler": 94, "structuredClone": 98, "reportError": 95}
GUARDED = {"htmx.min.js": {"structuredClone", "moveBefore"}}
"""Newer names that a vendored script asks for only after looking whether they are there."""

READ = """
([source, calls, names]) => {
  const has = (table, name) => Object.prototype.hasOwnProperty.call(table, name);
  let tree;
  try {
    tree = acorn.parse(source, { ecmaVersion: 2020, sourceType: "script", locations: true });
  } catch (fault) {
    return [String(fault)];
  }
  const found = [];
  const visit = (node) => {
    if (!node || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach(visit);
    const line = node.loc ? " line " + node.loc.start.line : "";
    const called = node.type === "CallExpression" ? node.callee : {};
    const named = called.type === "MemberExpression" && !called.computed;
    if (named && has(calls, called.property.name)) {
      found.push(called.property.name + "()" + line);
    }
    if (node.type === "Identifier" && has(names, node.name)) found.push(node.name + line);
    for (const key of Object.keys(node)) if (key !== "loc") visit(node[key]);
  };
  visit(tree);
  return found;
}
"""


@pytest.fixture(scope="module")
def read(chromium):
    """A function that says what of a script Chromium 86 would not know."""
    page = chromium.new_page()
    page.add_script_tag(path=str(ACORN))
    yield lambda source: page.evaluate(READ, [source, CALLS, NAMES])
    page.close()


def test_the_reader_sees_what_is_too_new(read):
    assert read("const a = b ?? c?.d; async function f() { await g(); }") == []
    assert read("x ||= 1")  # 2021, Chromium 85, and not in what we promise
    assert read("class A { static { f(); } }")
    assert read("await f()")
    assert read("/a/v.test(b)")
    assert read("list.at(-1)") == ["at() line 1"]
    assert read("structuredClone(x)") == ["structuredClone line 1"]
    assert read("new Intl.Segmenter()") == ["Segmenter line 1"]
    assert read("spot.at[3]; x.with = 4; at(1)") == []


@pytest.mark.parametrize("path", [*OURS, *WEB], ids=lambda path: path.name)
def test_no_script_is_newer_than_chromium_86(read, path):
    guarded = GUARDED.get(path.name, set())
    found = read(path.read_text(encoding="utf-8"))
    assert [one for one in found if one.partition("(")[0].partition(" ")[0] not in guarded] == []


def test_neither_is_what_stands_in_the_page_of_leaflet(read):
    assert read(assets.code(assets.LEAFLET_JS)) == []


def test_the_scripts_of_a_page_are_those_that_were_read():
    from landuse.publish.map.figure import _SCRIPTS

    assert sorted(_SCRIPTS) == [path.name for path in OURS]
