"""Files of SAS, SPSS and Stata: values, labels, levels and reasons of missing cells, through each of the readers."""

import io
import struct
import zipfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.dictionary.meaning import Level, MissingCode
from clinical_nb.errors import FileError
from clinical_nb.intake import readstat, statistical
from clinical_nb.intake.calendars import convert
from clinical_nb.intake.readstat import tag_of
from clinical_nb.intake.stage import Desk
from clinical_nb.intake.statistical import read_statistical
from clinical_nb.intake.upload import read_upload
from clinical_nb.intake.variables import Source, read_contents
from clinical_nb.session import Session

FILES = Path(__file__).parent.parent / "files"
WRITERS = {
    "sav": pyreadstat.write_sav,
    "zsav": lambda frame, path, **said: pyreadstat.write_sav(frame, path, compress=True, **said),
    "dta": pyreadstat.write_dta,
    "dta8": lambda frame, path, **said: pyreadstat.write_dta(frame, path, version=8, **said),
    "dta13": lambda frame, path, **said: pyreadstat.write_dta(frame, path, version=13, **said),
    "xpt5": lambda frame, path, **said: pyreadstat.write_xport(frame, path, file_format_version=5, **said),
    "xpt8": lambda frame, path, **said: pyreadstat.write_xport(frame, path, file_format_version=8, **said),
    "por": pyreadstat.write_por,
}
KINDS = {"zsav": "sav", "dta8": "dta", "dta13": "dta", "xpt5": "xpt", "xpt8": "xpt"}
WITH_LEVELS = ("sav", "zsav", "dta", "dta8", "dta13")


def write(folder, written, frame, **said):
    kind = KINDS.get(written, written)
    file = folder / f"data.{kind}"
    WRITERS[written](frame, file, **said)
    return file, kind


def read(data, kind, monkeypatch=None):
    if monkeypatch:  # the trial in another process is tested for itself
        monkeypatch.setattr(statistical, "survives", lambda *_: True)
    (table,) = read_statistical(io.BytesIO(data), kind, f"data.{kind}", "data").tables
    return table, table.scan.collect()


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(statistical, "survives", lambda *_: True)


def test_extended_missing_values_of_stata_keep_their_letters():
    with (FILES / "value_labels_ext_missing.dta").open("rb") as content:
        (table,) = read_statistical(content, "dta", "x.dta", "x").tables

    frame = table.scan.collect()

    assert frame["smoke"].to_list() == [0, 1, None, 1, None, 0, 1, 0]
    assert frame["smoke_missing"].to_list() == [None, None, ".a", None, ".b", None, None, None]
    assert table.said["smoke"].levels == (Level(value=0, label="never"), Level(value=1, label="ever"))
    assert table.said["smoke"].missing == (MissingCode(value=None, reason=".a"), MissingCode(value=None, reason=".b"))
    assert table.said["smoke"].reasons == "smoke_missing"
    assert frame["sex"].dtype == pl.Int64


def test_user_missing_codes_of_spss_are_never_among_the_values():
    with (FILES / "user_missing.sav").open("rb") as content:
        (table,) = read_statistical(content, "sav", "x.sav", "x").tables

    frame = table.scan.collect()

    assert frame["pain"].mean() == 3.4
    assert frame["pain"].count() == 5
    assert frame["pain_missing"].drop_nulls().to_list() == ["not asked", "refused", "not asked"]
    assert table.said["sex"].levels == (Level(value=1, label="male"), Level(value=2, label="female"))


@pytest.mark.parametrize("name", ["truncated.sas7bdat", "truncated.xpt"])
def test_a_cut_off_file_is_refused(tmp_path, name):
    with pytest.raises(FileError, match="damaged SAS"):
        read_upload(FILES / name, tmp_path)


def test_what_an_upload_means_stands_in_the_dataset_s_dictionary(tmp_path):
    with Session(tmp_path / "store") as session:
        stata = session.upload(FILES / "value_labels_ext_missing.dta")
        spss = session.upload(FILES / "user_missing.sav")
        sas = session.upload(FILES / "iris.sas7bdat")

    smoke = stata.dictionary.column("value_labels_ext_missing", "smoke")
    pain = spss.dictionary.column("user_missing", "pain")
    assert (smoke.kind, smoke.label, smoke.reasons) == ("binary", "Ever smoker", "smoke_missing")
    assert [level.label for level in smoke.levels] == ["never", "ever"]
    assert (pain.kind, pain.label) == ("numeric", "Pain 0-10")
    assert [code.reason for code in pain.missing] == ["refused", "not asked"]
    assert spss.dictionary.column("user_missing", "pain_missing").label == "why 'pain' is missing"
    assert sas.dictionary.column("iris", "Species").kind == "categorical"
    assert sas.tables["iris"][0] == 150


@pytest.mark.parametrize("written", WRITERS)
def test_both_readers_agree(tmp_path, written):
    frame = pl.DataFrame(
        {
            "NUM": [1.5, None, 3.0],
            "WHOLE": [1.0, 2.0, None],
            "TEXT": ["æble", "", "x y"] if written not in ("por", "dta8", "dta13") else ["able", "", "x y"],
            "DAY": [date(2020, 2, 29), None, date(1959, 1, 1)],
            "MOMENT": [datetime(2020, 2, 29, 12, 30, 15), None, datetime(1959, 1, 1)],  # noqa: DTZ001 - files have no zone
        }
    )
    file, kind = write(tmp_path, written, frame)

    both_agree(Source(file.read_bytes(), kind, "x"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("iris.sas7bdat", "sas7bdat"), ("user_missing.sav", "sav"), ("value_labels_ext_missing.dta", "dta")],
)
def test_both_readers_agree_on_real_files(name, kind):
    both_agree(Source((FILES / name).read_bytes(), kind, name))


def both_agree(source):
    contents = read_contents(source)
    slow = readstat._slow(source, contents)
    quick = pl.concat(readstat._fast(source, contents)) if readstat._is_fast(source, contents) else slow
    if source.format == "sas7bdat":
        numbers = [variable.name for variable in contents.variables if not variable.is_text]
        quick = pl.concat([quick, *readstat.tags(source, numbers, [quick.height])], how="horizontal")

    assert quick.height == slow.height
    for variable in contents.variables:
        one = convert(quick[variable.name], variable.meaning, source.family)
        other = convert(slow[variable.name], variable.meaning, source.family)
        if one.dtype.is_numeric():
            one, other = one.cast(pl.Float64), other.cast(pl.Float64)
        assert one.to_list() == other.to_list(), variable
        tag = tag_of(variable.name)
        tags = [each[tag].to_list() if tag in each.columns else [None] * each.height for each in (quick, slow)]
        assert tags[0] == tags[1], variable


NUMBERS = st.lists(st.none() | st.floats(-1e12, 1e12).map(lambda number: round(number, 3)), min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=40)
DATES = st.dates(date(1600, 1, 1), date(9000, 1, 1))


@pytest.mark.parametrize("written", [each for each in WRITERS if each != "por"])  # whose base 30 rounds
@given(data=st.data())
def test_a_round_trip_keeps_values_and_labels(tmp_path_factory, written, data):
    numbers = data.draw(NUMBERS)
    rows = len(numbers)
    texts = data.draw(st.lists(TEXTS.filter(lambda text: not text.startswith(".")), min_size=rows, max_size=rows))
    days = data.draw(st.lists(st.none() | DATES, min_size=rows, max_size=rows))
    frame = pl.DataFrame(
        {"NUM": numbers, "TEXT": [f"t{text}" for text in texts], "DAY": days},
        schema={"NUM": pl.Float64, "TEXT": pl.String, "DAY": pl.Date},
    )
    file, kind = write(tmp_path_factory.mktemp("x"), written, frame, column_labels=["Weight (kg)", "What", "When"])
    with pytest.MonkeyPatch.context() as patch:
        table, read_back = read(file.read_bytes(), kind, patch)

    if kind == "xpt":  # whose numbers are of base 16
        known = [number for number in numbers if number is not None]
        assert read_back["NUM"].drop_nulls().to_list() == pytest.approx(known, rel=1e-14)
        assert read_back["NUM"].is_null().to_list() == [number is None for number in numbers]
    else:
        assert read_back["NUM"].cast(pl.Float64).to_list() == numbers
    assert read_back["TEXT"].to_list() == frame["TEXT"].to_list()
    assert read_back["DAY"].to_list() == days
    assert (table.said["NUM"].label, table.said["NUM"].unit) == ("Weight (kg)", "kg")


@given(data=st.data())
def test_a_round_trip_through_a_portable_file_keeps_values_labels_and_units(tmp_path_factory, data):
    rows = data.draw(st.integers(1, 8))
    whole = data.draw(st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=rows, max_size=rows))
    numbers = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=rows, max_size=rows))
    texts = data.draw(st.lists(st.from_regex(r"t[A-Za-z0-9 ]{0,12}z", fullmatch=True), min_size=rows, max_size=rows))
    frame = pl.DataFrame({"WHOLE": whole, "NUM": numbers, "TEXT": texts}, schema_overrides={"WHOLE": pl.Float64})
    file, _ = write(tmp_path_factory.mktemp("x"), "por", frame, column_labels=["Count", "Weight (kg)", "What"])
    with pytest.MonkeyPatch.context() as patch:
        table, read_back = read(file.read_bytes(), "por", patch)

    assert read_back["WHOLE"].to_list() == whole
    assert read_back["NUM"].to_list() == pytest.approx(numbers, rel=1e-9, abs=1e-9)  # of base 30, with few digits
    assert read_back["TEXT"].to_list() == texts
    assert (table.said["NUM"].label, table.said["NUM"].unit) == ("Weight (kg)", "kg")


@pytest.mark.parametrize("written", WITH_LEVELS)
@given(codes=st.lists(st.integers(0, 30), min_size=2, max_size=6, unique=True), data=st.data())
def test_a_round_trip_keeps_levels_in_their_order(tmp_path_factory, written, codes, data):
    codes = sorted(codes) if written.startswith("dta") else codes
    values = data.draw(st.lists(st.sampled_from(codes) | st.none(), min_size=1, max_size=9))
    labels = {code: f"level {code}" for code in codes}
    frame = pl.DataFrame({"X": values}, schema={"X": pl.Int32 if written.startswith("dta") else pl.Float64})
    file, kind = write(tmp_path_factory.mktemp("x"), written, frame, variable_value_labels={"X": labels})
    with pytest.MonkeyPatch.context() as patch:
        table, read_back = read(file.read_bytes(), kind, patch)

    assert read_back["X"].to_list() == values
    assert [(level.value, level.label) for level in table.said["X"].levels] == list(labels.items())


@given(
    values=st.lists(st.integers(0, 12) | st.sampled_from([97, 98, 99, -1]), min_size=1, max_size=12),
    gap=st.sampled_from([[99], [98, 99], [{"lo": 97, "hi": 99}], [{"lo": 97, "hi": 99}, -1]]),
)
def test_a_round_trip_keeps_the_reasons_of_missing_cells(tmp_path_factory, values, gap):
    frame = pl.DataFrame({"X": values}, schema={"X": pl.Float64})
    labels = {99.0: "refused", 1.0: "mild"}
    file, _ = write(
        tmp_path_factory.mktemp("x"), "sav", frame, missing_ranges={"X": gap}, variable_value_labels={"X": labels}
    )
    with pytest.MonkeyPatch.context() as patch:
        table, read_back = read(file.read_bytes(), "sav", patch)

    gone = {code for each in gap for code in (range(97, 100) if isinstance(each, dict) else [each])}
    reasons = [("refused" if value == 99 else str(value)) if value in gone else None for value in values]
    assert read_back["X"].to_list() == [None if value in gone else value for value in values]
    assert read_back.get_column("X_missing", default=pl.Series([None] * len(values))).to_list() == reasons
    assert {code.reason for code in table.said["X"].missing} == {reason for reason in reasons if reason}


def tagged(letter):
    """The number by which a SAS dataset says `.A`, as R's haven writes it."""
    place = 0 if letter == "_" else ord(letter) - ord("A") + 2
    return struct.pack("<Q", (0xFFFF_FF - place) << 40)


def test_special_missing_values_of_sas_keep_their_letters():
    data = (FILES / "iris.sas7bdat").read_bytes()
    begin = data.index(b"setosa") - 32
    data = (
        data[:begin] + struct.pack("<Q", 0xFFFFFE << 40) + tagged("A") + tagged("Z") + tagged("_") + data[begin + 32 :]
    )

    _, frame = read(data, "sas7bdat")

    assert frame.row(0, named=True) == {
        "Sepal_Length": None,
        "Sepal_Width": None,
        "Sepal_Width_missing": ".A",
        "Petal_Length": None,
        "Petal_Length_missing": ".Z",
        "Petal_Width": None,
        "Petal_Width_missing": "._",
        "Species": "setosa",
    }


@pytest.mark.parametrize("version", [5, 8])
def test_special_missing_values_of_a_transport_file_keep_their_letters(tmp_path, version):
    file = tmp_path / "x.xpt"
    frame = pl.DataFrame({"DAY": [1.0, 16406.0, 3.0, 19000.0], "X": [1.5, None, 2.5, 68.0]})
    pyreadstat.write_xport(frame, file, file_format_version=version, variable_format={"DAY": "DATE9."})
    data = (
        file.read_bytes().replace(b"\x41\x10" + bytes(6), b"D" + bytes(7), 1).replace(b"." + bytes(7), b"_" + bytes(7))
    )

    _, frame = read(data, "xpt")

    assert frame["DAY_missing"].to_list() == [".D", None, None, None]
    assert frame["X_missing"].to_list() == [None, "._", None, None]
    assert frame["DAY"].to_list() == [None, date(2004, 12, 1), date(1960, 1, 4), date(2012, 1, 8)]


def test_dates_of_cdisc_are_dates_where_all_are_whole(tmp_path):
    frame = pl.DataFrame(
        {
            "AESTDTC": ["2014-01-03", "", "2014-02-28"],
            "AEENDTC": ["2014-01", "2014-02-03", "2014"],
            "LBDTC": ["2014-01-03T10:30", "2014-01-04T00:00", ""],
            "EXDTC": ["2014-01-03T10:30", "2014-01-04", ""],
            "QSDTC": ["2014-02-30", "2014-01-04", ""],
        }
    )
    file, kind = write(tmp_path, "xpt5", frame)

    _, read_back = read(file.read_bytes(), kind)

    assert read_back["AESTDTC"].to_list() == [date(2014, 1, 3), None, date(2014, 2, 28)]
    assert read_back["LBDTC"].to_list()[0] == datetime(2014, 1, 3, 10, 30)  # noqa: DTZ001 - files have no zone
    assert [read_back[name].dtype for name in ("AEENDTC", "EXDTC", "QSDTC")] == [pl.String] * 3


def test_each_table_of_a_transport_file_is_read(tmp_path):
    parts = []
    for name in ("DM", "VS"):
        pyreadstat.write_xport(
            pl.DataFrame({"A": [1.0, 2.0]}), tmp_path / "x.xpt", table_name=name, file_format_version=5
        )
        parts.append((tmp_path / "x.xpt").read_bytes())

    tables = read_statistical(io.BytesIO(parts[0] + parts[1][240:]), "xpt", "x.xpt", "x").tables

    assert [(table.name, table.scan.collect()["A"].to_list()) for table in tables] == [
        ("x_DM", [1, 2]),
        ("x_VS", [1, 2]),
    ]


@pytest.mark.parametrize(("written", "bad"), [("xpt5", "abcd?"), ("dta8", "ab?de"), ("dta13", "ab?de")])
def test_text_of_old_files_is_read_in_windows_letters(tmp_path, written, bad):
    file, kind = write(tmp_path, written, pl.DataFrame({"S": [bad, "zz"]}), column_labels=["Gr?n"])
    data = file.read_bytes().replace(b"?", b"\xe9")

    table, frame = read(data, kind)

    assert frame["S"].to_list() == [bad.replace("?", "é"), "zz"]
    assert table.said["S"].label == "Grén"


@pytest.mark.usefixtures("at_once")
def test_times_longer_than_a_day_and_periods_are_text(tmp_path):
    spss, _ = write(tmp_path, "sav", pl.DataFrame({"T": [100_000.5, -50.0, None]}), variable_format={"T": "TIME8"})
    stata, _ = write(tmp_path, "dta", pl.DataFrame({"M": [720, 721, -1]}), variable_format={"M": "%tm"})

    assert read(spss.read_bytes(), "sav")[1]["T"].to_list() == ["27:46:40.5", "-00:00:50", None]
    assert read(stata.read_bytes(), "dta")[1]["M"].to_list() == ["2020m1", "2020m2", "1959m12"]


def test_a_catalogue_says_what_the_codes_of_a_format_mean(tmp_path):
    file, kind = write(
        tmp_path, "xpt5", pl.DataFrame({"SEX": [1.0, 2.0], "AGE": [50.0, 60.0]}), variable_format={"SEX": "SEXF8."}
    )
    desk = Desk()
    desk.catalogue = {"SEXF": {2.0: "female", 1.0: "male"}}

    (table,) = read_statistical(io.BytesIO(file.read_bytes()), kind, "x.xpt", "x", desk).tables

    assert table.said["SEX"].levels == (Level(value=2, label="female"), Level(value=1, label="male"))
    assert table.said["AGE"].levels == ()


def test_a_damaged_catalogue_is_refused(tmp_path):
    begin = (FILES / "iris.sas7bdat").read_bytes()[:4096]
    (tmp_path / "formats.sas7bcat").write_bytes(begin.replace(b"\xc2\xea\x81\x60", b"\xc2\xea\x81\x63", 1))

    with pytest.raises(FileError, match="damaged SAS catalogue"):
        read_upload([tmp_path / "formats.sas7bcat", FILES / "iris.sas7bdat"])


@pytest.mark.usefixtures("at_once")
def test_a_column_of_reasons_takes_no_other_column_s_name(tmp_path):
    frame = pl.DataFrame({"x": [1.0, 9.0], "x_missing": [5.0, 6.0]})
    file, _ = write(tmp_path, "sav", frame, missing_ranges={"x": [9]})

    _, read_back = read(file.read_bytes(), "sav")

    assert read_back.columns == ["x", "x_missing_2", "x_missing"]


def test_statistical_files_in_a_zip_are_tables(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("iris.sas7bdat", "user_missing.sav", "value_labels_ext_missing.dta"):
            archive.write(FILES / name, name)

    upload = read_upload(tmp_path / "all.zip", tmp_path)

    assert [(table.name, table.rows) for table in upload.tables] == [
        ("iris", 150),
        ("user_missing", 8),
        ("value_labels_ext_missing", 8),
    ]


@pytest.mark.parametrize(
    ("name", "kind"), [("iris.sas7bdat", "sas7bdat"), ("value_labels_ext_missing.dta", "dta"), ("", "xpt")]
)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path_factory, name, kind, data):
    if name:
        whole = (FILES / name).read_bytes()
    else:
        file, _ = write(tmp_path_factory.mktemp("x"), "xpt8", pl.DataFrame({"A": [1.0, 2.0], "B": ["x", "y"]}))
        whole = file.read_bytes()
    damaged = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))

    try:
        tables = read_statistical(io.BytesIO(bytes(damaged)), kind, "x", "x").tables
    except FileError:
        return
    assert all(table.scan.collect().height == table.rows for table in tables)


def test_a_file_that_ends_its_reader_ends_no_other_process(tmp_path):
    data = bytearray((FILES / "user_missing.sav").read_bytes())
    data[72:76] = struct.pack("<i", 2**31 - 1)  # how many values a row is said to have
    data[80:84] = struct.pack("<i", 2**31 - 1)  # and how many rows there are
    (tmp_path / "x.sav").write_bytes(data)

    with pytest.raises(FileError, match="damaged SPSS file"):
        read_upload(tmp_path / "x.sav", tmp_path)
