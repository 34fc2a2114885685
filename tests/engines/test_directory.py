"""A part of the land that knows only whom it names answers as one that knows everybody."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely

from landuse import matching
from landuse.engines.parts.frames import save
from landuse.engines.parts.job import Here, Job
from landuse.engines.parts.slices import bucket_of, load_slice, save_slices
from landuse.engines.stages.directory import known_to, share_directory
from landuse.engines.stages.near import find_near_codes, find_near_names, near_names
from landuse.issues import IssueLog
from landuse.matching.names import Directory, Wanted, nearest, similar
from landuse.schema.near_codes import nearest_codes

FIRMS = {
    "91350582MA00000011": "晋江恒安鞋业有限公司",
    "91350582MA00000022": "晋江恒安 鞋业有限公司",  # the same name once spaces are gone
    "91350582MA00000033": "泉州永春,制衣有限公司",  # a name with the sign that parts a cell
    "91350582MA00000044": "石狮宝盖印染有限公司",
    "91350582MA00000055": "石狮宝盖印染股份公司",
    "91350582MA00000066": "南安水暖器材厂",
}
CELLS = {  # parcel: code, holder
    "350582001": ("91350582ma00000011;X1", ""),
    "350582002": ("", "晋江恒安鞋业有限公司"),
    "350582003": ("", "泉州永春,制衣有限公司"),
    "350583001": ("", "石狮宝盖印染有限公可"),
    "350583002": ("", "南安水暖器材厂、石狮宝盖印染股份公司"),
    "350583003": ("", "无人知道的企业"),
}

KEYS = ("parcel_id", "uscc")


def texts(values):
    return pd.Series(list(values), dtype="str")


def square(at):
    return shapely.box(at, 0, at + 1, 1)


def enterprises():
    """Everybody; the last stands on the border of two parts of the land."""
    x = [np.nan] * 5 + [3.0]
    return pd.DataFrame(
        {"uscc": texts(FIRMS), "name": texts(FIRMS.values()), "x": x, "y": np.array(x) - 2.5}
    )


def parcels(codes):
    shapes = np.array([square(list(CELLS).index(code)) for code in codes], dtype=object)
    source = {name: texts([""] * len(codes)) for name in ("source_file", "source_sheet")}
    return pd.DataFrame(
        {
            "parcel_id": texts(codes),
            "uscc": texts(CELLS[code][0] for code in codes),
            "holder": texts(CELLS[code][1] for code in codes),
            "geometry": pd.Series(shapes, dtype=object),
            **source,
            "source_row": np.arange(len(codes)),
        }
    )


def stated(pairs):
    frame = pd.DataFrame(
        {"parcel_id": texts(a for a, _ in pairs), "uscc": texts(b for _, b in pairs)}
    )
    blank = dict.fromkeys(("relation", "source_file", "source_sheet"), "")
    return frame.assign(**blank, source_row=1).astype(dict.fromkeys(blank, "str"))


@pytest.fixture
def job(tmp_path):
    """Two parts of land, three of firms, as ``split`` writes them."""
    land = ("", "350583")
    firms = ("", "91350582MA00000033", "91350582MA00000055")
    made = Job(tmp_path, None, dt.date(2026, 6, 30), (2025,), land, firms)
    everybody = enterprises()
    for part, codes in enumerate((list(CELLS)[:3], list(CELLS)[3:])):
        folder = made.path("land", part)
        folder.mkdir(parents=True)
        tables = {
            "parcels": parcels(codes), "lost": parcels([]), "confirmed": stated([]),
            "occupancy": stated([("350583001", "91350582MA00000045")] if part else []),
            "points": everybody.loc[everybody["x"].notna(), ["uscc", "x", "y"]],
        }  # fmt: skip
        for name, frame in tables.items():
            save(frame, folder / f"{name}.parquet")
    for part, (low, high) in enumerate(((0, 2), (2, 4), (4, 6))):
        folder = made.path("firms", part)
        folder.mkdir(parents=True)
        save(everybody.iloc[low:high].reset_index(drop=True), folder / "enterprises.parquet")
    share_directory(made, Here())
    return made


def test_a_part_knows_whom_it_names_and_nobody_else(job):
    one, other = known_to(0, job, "parcels"), known_to(1, job, "parcels")
    assert one["uscc"].str[-2:].tolist() == ["11", "22", "33", "66"]  # the last by its point
    assert other["uscc"].str[-2:].tolist() == ["55", "66"]
    # the point lies on the border: the smaller parcel has it
    assert one["x"].dropna().tolist() == [3.0]
    assert other["x"].dropna().tolist() == []
    assert known_to(0, job, "lost")["x"].isna().all()


def test_links_and_suggestions_are_those_of_the_whole(job):

    whole = parcels(list(CELLS))
    nothing, log = parcels([]), IssueLog()
    expected = matching.find_links(whole, nothing, enterprises(), stated([]), stated([]), log)
    links, suggested = [], []
    for part in range(2):
        land = parcels(list(CELLS)[part * 3 : part * 3 + 3])
        found = matching.find_links(
            land, nothing, known_to(part, job, "parcels"), stated([]), stated([]), IssueLog(),
            everybody=False,
        )  # fmt: skip
        links.append(found.links)
        save(found.unnamed, _made(job, "match", part) / "unnamed.parquet")
        suggested.append(found)
    find_near_names(job, Here())
    near = near_names(job)
    assert near["part"].unique().tolist() == ["石狮宝盖印染有限公可"]
    keys = ["parcel_id", "uscc", "evidence", "known_enterprise"]
    pd.testing.assert_frame_equal(pd.concat(links, ignore_index=True)[keys], expected.links[keys])
    rows = [matching.with_near(one.suggestions, one.unnamed, near) for one in suggested]
    pd.testing.assert_frame_equal(pd.concat(rows, ignore_index=True), expected.suggestions)
    assert set(expected.suggestions["evidence"]) == {"same_name", "similar_name"}


def _made(job, stage, part):
    folder = job.path(stage, part)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_near_codes_of_all_parts(job):
    strange = ["91350582MA00000045", "91350582MA0000006", "X"]
    found = find_near_codes(job, Here(), strange)
    expected = nearest_codes(strange, FIRMS)
    assert found == {code: near for code, near in expected.items() if near}
    assert len(found) == 2


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_near_names_wherever_the_directory_is_cut(parts):
    """Every run counted by parts; names of one text stay together."""

    rng = np.random.default_rng(parts)
    signs = np.array(list("甲乙丙丁戊己"))
    names = ["".join(rng.choice(signs, 7)) for _ in range(300)]
    firms = pd.DataFrame({"uscc": texts(f"U{n:03}" for n in range(300)), "name": texts(names)})
    wanted = texts("".join(rng.choice(signs, 7)) for _ in range(60))
    open_ = pd.DataFrame({"at": np.arange(60), "part": wanted})
    expected = similar(open_, firms)
    assert len(expected)
    bucket = bucket_of(firms["name"], parts)
    pieces = [Directory(firms[bucket == k].rename(columns={"name": "text"})) for k in range(parts)]
    asked = Wanted(wanted)
    count = sum(piece.count(asked) for piece in pieces)
    best = nearest(pd.concat([nearest(piece.near(asked, count)) for piece in pieces]))
    told = open_.merge(best, on="part")[["at", "uscc", "similarity"]]
    told = told.sort_values(["at", "uscc"], ignore_index=True)
    pd.testing.assert_frame_equal(told, expected.reset_index(drop=True))


def test_slices_give_back_what_was_put_in(tmp_path):
    frame = pd.DataFrame({"text": texts("abcab"), "number": [1.5, np.nan, 3.0, 4.0, 5.0]})
    for name in ("one", "other"):
        save_slices(frame, np.array([2, 0, 2, 2, 0]), 4, tmp_path / name)
    paths = [tmp_path / "one", tmp_path / "other"]
    assert load_slice(paths, 2)["text"].tolist() == ["a", "c", "a"] * 2
    assert load_slice(paths, 0)["number"].tolist()[1::2] == [5.0, 5.0]
    empty = load_slice(paths, 3)
    assert not len(empty)
    assert empty.dtypes.tolist() == frame.dtypes.tolist()
