"""The text of a shapefile: an order of decisions, each proved on the whole file."""

import pytest
from layer_files import shapefile

from landuse.errors import UserError
from landuse.intake.encoding import codec_named
from landuse.intake.layers import read_layer
from landuse.issues import IssueLog

NAMES = ["泉州市某某鞋业有限公司", "福建省晋江市㙟头镇", "Anta"]
HEADING = "权利人"
FACT = "intake_layers.fact_encoding_"


def rows(codec: str, names=NAMES) -> list[list[bytes]]:
    return [[name.encode(codec)] for name in names]


def read(path, encoding=None):
    log = IssueLog()
    raw = read_layer(path, table="parcels", file=path.name, log=log, encoding=encoding)
    basis = [fact.code.removeprefix(FACT) for fact in raw.facts if FACT in fact.code]
    return raw.frame, basis, sorted(issue.code.split(".")[1] for issue in log)


def made(tmp_path, codec, names=NAMES, heading=HEADING, **how):
    field = (heading.encode(codec), 60)
    return shapefile(tmp_path, [field], rows(codec, names), **how)


def test_declared_comes_first(tmp_path):
    path = made(tmp_path, "gb18030", language_byte=0x4F, cpg="Big5")
    frame, basis, issues = read(path, "GBK")
    assert frame[HEADING].tolist() == NAMES
    assert (basis, issues) == (["declared"], [])


def test_cpg_comes_before_the_language_byte(tmp_path):
    path = made(tmp_path, "gb18030", language_byte=0x4F, cpg="GB18030")
    frame, basis, _ = read(path)
    assert (frame[HEADING].tolist(), basis) == (NAMES, ["cpg"])


@pytest.mark.parametrize(
    ("codec", "byte"), [("gb18030", 0x4D), ("gb18030", 0x7A), ("cp950", 0x4F), ("cp950", 0x78)]
)
def test_the_language_byte_speaks(tmp_path, codec, byte):
    names = ["臺南市永康區", "七股鄉"]
    frame, _, issues = read(made(tmp_path, codec, names, "鄉鎮", language_byte=byte))
    assert frame["鄉鎮"].tolist() == names
    assert issues == []


@pytest.mark.parametrize("byte", [0x00, 0x03, 0x57])
@pytest.mark.parametrize(("codec", "basis"), [("utf-8", ["utf8"]), ("gb18030", ["gb18030"])])
def test_bytes_that_say_nothing_leave_it_to_the_text(tmp_path, byte, codec, basis):
    frame, found, issues = read(made(tmp_path, codec, language_byte=byte))
    assert (frame[HEADING].tolist(), found, issues) == (NAMES, basis, [])


@pytest.mark.parametrize("how", [{"cpg": "UTF-8"}, {"language_byte": 0x4F}])
def test_a_statement_that_does_not_read_the_whole_file_is_an_issue(tmp_path, how):
    frame, basis, issues = read(made(tmp_path, "gb18030", **how))
    assert frame[HEADING].tolist() == NAMES
    assert (basis, issues) == (["gb18030"], ["encoding_contradicts"])


def test_a_wrong_declaration_is_an_issue_too(tmp_path):
    frame, basis, issues = read(made(tmp_path, "gb18030"), "utf-8")
    assert (frame[HEADING].tolist(), basis) == (NAMES, ["gb18030"])
    assert issues == ["encoding_contradicts"]


def test_text_with_control_characters_is_no_text(tmp_path):
    # ISO 8859-1 decodes every byte; 0x81 of this name would be a control character
    names = ["晋江市陈埭镇丂中"]
    assert any(0x80 <= byte < 0xA0 for byte in names[0].encode("gb18030"))
    frame, basis, issues = read(made(tmp_path, "gb18030", names, "QLR", cpg="ISO-8859-1"))
    assert (frame["QLR"].tolist(), basis) == (names, ["gb18030"])
    assert issues == ["encoding_contradicts"]


def test_a_single_byte_statement_over_chinese_text_is_doubted(tmp_path):
    # 黑龙江省 in GBK has no byte below 0xA0: ISO 8859-1 reads it as ºÚÁú½­Ê¡ without complaint
    frame, basis, issues = read(made(tmp_path, "gb18030", ["黑龙江省"], "QLR", cpg="ISO-8859-1"))
    assert basis == ["cpg"]
    assert frame["QLR"].tolist() != ["黑龙江省"]
    assert issues == ["encoding_doubtful"]


def test_utf8_text_behind_a_chinese_language_byte_is_read_or_doubted(tmp_path):
    # 3-byte characters in pairs also pass as GBK: the byte is believed, and it is said
    frame, basis, issues = read(made(tmp_path, "utf-8", ["泉州"], "QLR", language_byte=0x4D))
    assert (basis, issues) == (["language_byte"], ["encoding_doubtful"])
    frame, basis, issues = read(made(tmp_path, "utf-8", ["某公司A"], "QLR", language_byte=0x4D))
    if basis == ["utf8"]:
        assert frame["QLR"].tolist() == ["某公司A"]
        assert issues == ["encoding_contradicts"]
    else:
        assert issues == ["encoding_doubtful"]


def test_an_unknown_name_of_an_encoding_is_said(tmp_path):
    frame, basis, issues = read(made(tmp_path, "gb18030", cpg="System"))
    assert (frame[HEADING].tolist(), basis) == (NAMES, ["gb18030"])
    assert issues == ["encoding_unknown"]


def test_a_name_cut_inside_its_last_character_loses_that_character_only(tmp_path):
    name = "泉州某某"
    cut = name.encode("gbk")[:7]  # a field of 7 bytes: three characters and a half
    path = shapefile(tmp_path, [(b"QLR", 7)], [[cut], ["晋江".encode("gbk")]])
    frame, basis, issues = read(path)
    assert frame["QLR"].tolist() == ["泉州某", "晋江"]
    assert (basis, issues) == (["gb18030"], ["text_cut"])


def test_bytes_that_no_encoding_reads_end_in_a_message(tmp_path):
    path = shapefile(tmp_path, [(b"QLR", 20)], [[b"\xff\xff\xff abc"]])
    with pytest.raises(UserError) as caught:
        read(path)
    assert caught.value.issues[0].code == "intake_layers.no_encoding"
    assert "gb18030" in caught.value.issues[0].message("zh")


def test_every_byte_survives_the_way_through_gdal(tmp_path):
    every = bytes(range(0xA1, 0xF7))
    pairs = [bytes([0xB0 + index, byte]) for index, byte in enumerate(every[:40])]
    names = [pair.decode("gb18030") for pair in pairs]
    frame, _, _ = read(shapefile(tmp_path, [(b"N", 4)], [[pair] for pair in pairs]))
    assert frame["N"].tolist() == names


def test_user_defined_characters_of_big5_are_kept_and_counted(tmp_path):
    # 0x9AAC is in the rows that code page 950 leaves to the user; Windows puts 0x8E40 at U+E311,
    # 157 to a row: 0xE311 + (0x9A - 0x8E) * 157 + (0xAC - 0xA1 + 63) = U+EAB7
    path = shapefile(tmp_path, [(b"V", 10)], [[b"\x9a\xac\xa6\xe6\xa8\xbd"]], language_byte=0x4F)
    frame, basis, issues = read(path)
    assert frame["V"].tolist() == ["\ueab7" + b"\xa6\xe6\xa8\xbd".decode("cp950")]
    assert (basis, issues) == (["language_byte"], ["own_characters"])


def test_blank_cells_are_blank(tmp_path):
    frame, _, _ = read(shapefile(tmp_path, [(b"QLR", 10)], [[b""], ["泉州".encode("gbk")]]))
    assert frame["QLR"].tolist() == [None, "泉州"]


def test_a_short_chinese_word_that_happens_to_be_utf8_is_doubted(tmp_path):
    # 某 is C4 B3 in GBK, which is also the UTF-8 of ĳ: the order of decisions takes UTF-8
    frame, basis, issues = read(shapefile(tmp_path, [(b"QLR", 10)], [["某".encode("gbk")]]))
    assert frame["QLR"].tolist() == ["ĳ"]
    assert (basis, issues) == (["utf8"], ["encoding_doubtful"])


@pytest.mark.parametrize(
    ("name", "codec"),
    [("GBK", "gb18030"), ("cp936", "gb18030"), ("ANSI 936", "gb18030"), ("UTF-8", "utf-8"),
     ("65001", "utf-8"), ("Big5", "cp950"), ("ISO-8859-1", "latin-1"), ("ISO 88591", "latin-1"),
     ("1252", "cp1252"), ("System", None), ("", None), ("ANSI", None)],
)  # fmt: skip
def test_names_of_encodings(name, codec):
    import codecs

    found = codec_named(name)
    assert (found and codecs.lookup(found).name) == (codec and codecs.lookup(codec).name)
