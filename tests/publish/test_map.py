"""The map file as text: its data, its policy, its bytes."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse.errors import InternalError
from landuse.publish.map import write_map
from landuse.publish.map.embed import data_block, json_text
from landuse.publish.map.payload import payload

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "`${alert(1)}`",
    "{{7*7}}{% raw %}{# x #}",
    "{{cycler.__init__.__globals__.os}}",
    "@@data@@@@policy@@",
    "\u2028\u2029\x00\x1b",
    "&lt;b&gt;",
]


class Page(HTMLParser):
    """Elements of a page with what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[tuple[str, str]] = []
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in = tag if tag in {"script", "style"} else ""
        if self._in:
            self.inline.append((tag, ""))

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in:
            self.inline[-1] = (self._in, self.inline[-1][1] + data)

    def blocks(self) -> dict[str, dict]:
        """The data blocks by name."""
        scripts = [attrs for tag, attrs in self.elements if tag in {"script", "style"}]
        return {
            attrs["id"].removeprefix("landuse-"): json.loads(text)
            for attrs, (_, text) in zip(scripts, self.inline, strict=True)
            if attrs.get("type") == "application/json"
        }


@pytest.fixture(scope="module")
def page(run, tmp_path_factory) -> Page:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(run, path)
    return Page(path.read_text(encoding="utf-8"))


def column(texts: dict[str, list], row: int) -> str:
    return texts["values"][texts["at"][row]]


@given(st.recursive(st.text() | st.sampled_from(HOSTILE), st.lists))
def test_embedded_json_reads_back_and_has_no_sign_of_html_or_of_a_template(value):
    text = json_text(value)
    assert json.loads(text) == value
    assert not re.search(r"[<>&]|\{[{%#]", text)
    text.encode("utf-8")


def test_a_lone_surrogate_can_be_written():
    assert json.loads(json_text(["\udcff"]).encode("utf-8")) == ["\udcff"]


def test_a_data_block_is_one_element_whatever_it_holds():
    parsed = Page(data_block("x", {"names": HOSTILE}))
    assert parsed.elements == [("script", {"type": "application/json", "id": "landuse-x"})]
    assert parsed.blocks() == {"x": {"names": HOSTILE}}


def test_the_legend_is_the_totals_and_the_totals_are_the_table(run, page):
    classes = page.blocks()["meta"]["classes"]
    assert [one["key"] for one in classes] == [
        "low_efficiency",
        "no_enterprise",
        "normal",
        "not_graded",
        "out_of_scope",
    ]
    # twelve parcels of the fixture: 1 flagged, 11 without a firm, 12 a shop; 8, 9 and 10 are
    # exempt, without figures and alone in their industry; all have 50 mu but the shop (10 mu)
    assert [(one["count"], one["mu"]) for one in classes] == [
        (1, 50.0),
        (1, 50.0),
        (6, 300.0),
        (3, 150.0),
        (1, 10.0),
    ]
    for one in classes:
        assert {"count": one["count"], "mu": one["mu"]} == run.totals["classes"][one["key"]]
    assert page.blocks()["meta"]["total"] == {"count": 12, "mu": 560.0}


def test_totals_that_contradict_the_table_stop_the_map(run, tmp_path):
    wrong = {**run.totals, "classes": {**run.totals["classes"], "normal": {"count": 5, "mu": 300}}}
    with pytest.raises(InternalError, match="contradicts"):
        write_map(dataclasses.replace(run, totals=wrong), tmp_path / "map.html")


def test_a_class_without_a_look_stops_the_map(run, tmp_path):
    parcels = run.parcels.assign(land_class=run.parcels["land_class"].replace("normal", "fine"))
    totals = {**run.totals, "classes": {**run.totals["classes"]}}
    totals["classes"]["fine"] = totals["classes"].pop("normal")
    with pytest.raises(InternalError, match="contradicts"):
        write_map(dataclasses.replace(run, parcels=parcels, totals=totals), tmp_path / "map.html")


def test_the_card_has_the_numbers_of_the_tables(run, page):
    details = page.blocks()["details"]
    units, links = details["units"], details["links"]
    at = units["uscc"].index("91350582000000001X")
    # the worked example of the method: 50 mu, tax 600, coefficient 4/3
    assert (units["tax_wan"][at], units["tax_wan_per_mu"][at]) == (600, 12)
    assert units["adjusted_tax_wan_per_mu"][at] == 9
    assert (units["rank"][at], units["cohort_size"][at], units["quota"][at]) == (1, 7, 1)
    assert column(units["status"], at) == "low_efficiency"
    assert column(units["firm"], at) == "较稳：2 项检验会改变结论"
    # plot 7 has two users with 25 mu each, one of them in no enterprise table
    first = sum(links["per_plot"][:6])
    assert links["per_plot"][6] == 2
    assert links["area_mu"][first : first + 2] == [25, 25]
    known = [units["known"][links["unit"][first + i]] for i in (0, 1)]
    assert sorted(known) == [0, 1]


def test_words_of_the_tests_that_would_flip_a_flag(page):
    assert page.blocks()["meta"]["flips"] == {
        "coefficient_off": "不做地价修正",
        "weight:tax_wan_per_mu+20%": "“亩均税收”权重加两成",
    }


def test_every_word_that_the_scripts_ask_for_exists(page):
    words = page.blocks()["meta"]["words"]
    own = [text for tag, text in page.inline if tag == "script" and "landuse = (window" in text]
    asked = {word for text in own for word in re.findall(r'\bsay\("(\w+)"[,)]', text)}
    asked |= {attrs["data-word"] for _, attrs in page.elements if "data-word" in attrs}
    asked |= {f"class_why_{key['key']}" for key in page.blocks()["meta"]["classes"]}
    asked |= {f"why_{status}" for status in ("low_efficiency", "ranked", "exempt", "ungraded")}
    assert len(asked) > 50
    assert asked <= words.keys()


def test_the_page_asks_for_nothing(page):
    named = {"src", "href", "action", "data", "poster", "srcset", "style", "background"}
    assert not [(tag, attrs) for tag, attrs in page.elements if named & attrs.keys()]
    assert not [
        (tag, attrs) for tag, attrs in page.elements if any(key.startswith("on") for key in attrs)
    ]
    styles = [text for tag, text in page.inline if tag == "style"]
    addresses = [one for text in styles for one in re.findall(r"url\(([^)]*)\)", text)]
    assert addresses
    assert all(one.startswith(("data:image/png;base64,", "#default")) for one in addresses)
    assert not any("@import" in text for text in styles)


def test_the_policy_names_each_script_and_style_and_nothing_wider(page):
    [policy] = [
        attrs["content"]
        for tag, attrs in page.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    run_by_browser = [
        text
        for (tag, text), attrs in zip(
            page.inline,
            [a for t, a in page.elements if t in {"script", "style"}],
            strict=True,
        )
        if "type" not in attrs
    ]
    hashes = {
        base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in run_by_browser
    }
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes


def test_the_policy_comes_before_every_script(page):
    tags = [tag for tag, _ in page.elements]
    policy = [attrs.get("http-equiv") for _, attrs in page.elements].index(
        "Content-Security-Policy"
    )
    assert policy < tags.index("script")
    assert policy < tags.index("style")


def test_same_run_same_bytes_whatever_the_order_of_the_rows(run, tmp_path):
    shuffled = {
        name: getattr(run, name).sample(frac=1, random_state=5).reset_index(drop=True)
        for name in ("units", "parcels", "links", "cohorts")
    }
    first, second, third = (tmp_path / name for name in ("a.html", "b.html", "c.html"))
    write_map(run, first)
    write_map(run, second)
    write_map(dataclasses.replace(run, **shuffled), third)
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()


def test_hostile_names_reach_the_page_as_data_only(run, tmp_path):
    project = {**run.manifest["project"], "name": HOSTILE[6]}
    parcels = run.parcels.assign(park=HOSTILE[4], holder=HOSTILE[1], township=HOSTILE[5])
    path = tmp_path / "map.html"
    hostile = dataclasses.replace(
        run, parcels=parcels, manifest={**run.manifest, "project": project}
    )
    write_map(hostile, path)
    blocks = Page(path.read_text(encoding="utf-8")).blocks()
    assert blocks["meta"]["project"] == HOSTILE[6]
    assert blocks["plots"]["park"]["values"] == [HOSTILE[4]]
    assert blocks["details"]["parcels"]["holder"]["values"] == [HOSTILE[1]]


def test_english_page(run, tmp_path):
    path = tmp_path / "map.html"
    write_map(run, path, lang="en")
    text = path.read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    meta = Page(text).blocks()["meta"]
    assert meta["words"]["internal"] == "Internal"
    assert meta["indicators"][0]["title"] == "tax per mu"


def test_a_run_without_links_or_units_still_has_a_map(run, tmp_path):
    nothing = dataclasses.replace(run, links=run.links[:0], units=run.units[:0])
    path = tmp_path / "空.html"
    write_map(nothing, path)
    details = Page(path.read_text(encoding="utf-8")).blocks()["details"]
    assert details["links"]["per_plot"] == [0] * 12
    assert details["units"]["uscc"] == []


def test_a_link_to_a_parcel_that_is_not_there_is_our_fault(run):
    stray = run.links.assign(parcel_id="somewhere else")
    with pytest.raises(InternalError, match="without its parcel"):
        payload(dataclasses.replace(run, links=stray), "zh")


def test_what_is_flagged_is_always_drawn(run, page):
    """No thinning: each plot has its rings, whatever its class and size."""
    blocks = page.blocks()
    assert blocks["shapes"]["rings"] == [1] * len(run.parcels)
    assert len(blocks["plots"]["class"]) == len(run.parcels)


def test_a_page_without_all_cards_carries_those_of_the_plots_it_keeps(run):
    blocks = payload(run, "zh", keep=[0])  # plot 1 is the flagged one
    assert blocks["meta"]["partial"]
    assert blocks["details"]["plots"] == [0]
    assert blocks["details"]["links"]["per_plot"] == [1]
    assert blocks["details"]["units"]["uscc"] == ["91350582000000001X"]
    assert len(blocks["plots"]["division"]["at"]) == 12
    assert blocks["shapes"]["rings"] == [1] * 12
    assert not payload(run, "zh")["meta"]["partial"]


def test_nothing_is_written_beside_the_map(run, tmp_path):
    write_map(run, tmp_path / "map.html")
    assert [path.name for path in Path(tmp_path).iterdir()] == ["map.html"]
