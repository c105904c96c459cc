"""A person's dictionary over an inferred one; the two shipped trials in full."""

import csv

import polars as pl
import pytest

from clinical_nb.dictionary.declared import declare, unknown_columns
from clinical_nb.dictionary.files import read_dictionary_file
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import Level, MissingCode, to_yaml
from clinical_nb.errors import DictionaryError

FRAME = pl.DataFrame(
    {
        "id": range(12),
        "arm": [1, 2] * 6,
        "stage": [1, 2, 3] * 4,
        "sex": ["m", "f"] * 6,
        "smoke": ["0_no", "1_yes", "NA_NA"] * 4,
        "weight": [60.5 + number for number in range(12)],
        "dose": [0, 50, 100] * 4,
        "flag": [True, False] * 6,
        "note": [f"remark {number}" for number in range(12)],
    }
)


def declared(tmp_path, *lines, header="column,codes_or_units"):
    file = tmp_path / "dictionary.csv"
    file.write_text("\n".join([header, *lines]))
    return declare(infer({"t": FRAME}), read_dictionary_file(file)).tables["t"]


def pairs(column):
    return [(level.value, level.label) for level in column.levels]


@pytest.mark.parametrize(
    ("line", "kind", "levels"),
    [
        ("arm,1=drug; 2=placebo", "binary", [(1, "drug"), (2, "placebo")]),
        ("arm,2=placebo; 1=drug", "binary", [(2, "placebo"), (1, "drug")]),
        ("arm,1.0=drug; 2.0=placebo", "binary", [(1, "drug"), (2, "placebo")]),
        ("arm,1=drug; 2=placebo; 3=none", "categorical", [(1, "drug"), (2, "placebo"), (3, "none")]),
        ("arm,1=drug", "binary", [(1, "drug"), (2, "2")]),
        ("arm,1=drug; 3=none", "categorical", [(1, "drug"), (3, "none"), (2, "2")]),
        ("stage,1=I; 2=II; 3=unknown", "binary", [(1, "I"), (2, "II")]),
        ("stage,1 to 4", "categorical", [(1, "1"), (2, "2"), (3, "3"), (4, "4")]),
        ("stage,1 to 2", "categorical", [(1, "1"), (2, "2"), (3, "3")]),
        ("stage,1 to 5.5", "numeric", []),
        ("stage,0 to 100", "numeric", []),
        ("stage,visits", "numeric", []),
        ("sex,m=male; f=female", "binary", [("m", "male"), ("f", "female")]),
        ("sex,m; f", "binary", [("m", "m"), ("f", "f")]),
        ("smoke,0_no; 1_yes; NA_NA=unknown", "binary", [("0_no", "no"), ("1_yes", "yes")]),
        ("weight,kg", "numeric", []),
        ("weight,0=low; 1=high", "binary", [(0, "low"), (1, "high")]),
        ("weight,kg; 999=unknown", "numeric", []),
        ("flag,0=absent; 1=present", "binary", [(False, "absent"), (True, "present")]),
        ("flag,true=present; false=absent", "binary", [(True, "present"), (False, "absent")]),
        ("id,subject number", "identifier", []),
        ("note,free text", "text", []),
    ],
)
def test_codes_and_units_say_what_a_column_is(tmp_path, line, kind, levels):
    column = declared(tmp_path, line)[line.split(",")[0]]

    assert (column.kind, pairs(column)) == (kind, levels)


def test_units_are_kept_as_written(tmp_path):
    columns = declared(tmp_path, "weight,1000 per cubic mm", "dose,mg; 999=not recorded", "id,")

    assert (columns["weight"].unit, columns["dose"].unit, columns["dose"].kind) == (
        "1000 per cubic mm",
        "mg",
        "numeric",
    )
    assert columns["dose"].missing == (MissingCode(value=999, reason="not recorded"),)


def test_codes_for_missing_are_no_levels(tmp_path):
    columns = declared(tmp_path, "arm,1=drug; 2=placebo; blank=not randomised", "stage,1=I; 2=II; 3=Not done")

    assert columns["arm"].missing == (MissingCode(value=None, reason="not randomised"),)
    assert columns["stage"].missing == (MissingCode(value=3, reason="Not done"),)
    assert [level.value for level in columns["stage"].levels] == [1, 2]


def test_the_word_in_a_value_stays_a_way_to_say_it(tmp_path):
    columns = declared(tmp_path, "smoke,0_no=never; 1_yes=yes")

    assert columns["smoke"].levels[:2] == (
        Level(value="0_no", label="never", synonyms=("no",)),
        Level(value="1_yes", label="yes"),
    )


def test_words_are_not_guessed_to_be_graded(tmp_path):
    assert declared(tmp_path, "stage,1 to 4")["stage"].ordered
    assert not declared(tmp_path, "stage,1=mild; 2=moderate; 3=severe")["stage"].ordered
    graded = declared(tmp_path, "stage,1=mild; 2=moderate; 3=severe,ordered", header="column,codes_or_units,kind")
    assert graded["stage"].ordered
    assert pairs(graded["stage"]) == [(1, "mild"), (2, "moderate"), (3, "severe")]


def test_meaning_kind_and_synonyms_are_taken_over(tmp_path):
    columns = declared(
        tmp_path,
        'ARM,randomised treatment,"group, treatment; drug",',
        "dose,,,numeric",
        header="Column,Meaning,Synonyms,KIND",
    )

    assert columns["arm"].label == "randomised treatment"
    assert columns["arm"].synonyms == ("group", "treatment", "drug")
    assert columns["dose"].kind == "numeric"


def test_a_line_may_be_about_one_table(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("table,column,meaning\na,x,of a\nb,x,of b\n,y,of both\n")
    frame = pl.DataFrame({"x": [1], "y": [2]})

    tables = declare(infer({"a": frame, "b": frame}), read_dictionary_file(file)).tables

    assert [tables[table][column].label for table in "ab" for column in "xy"] == ["of a", "of both", "of b", "of both"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_ways_that_spreadsheets_write(tmp_path, delimiter, encoding):
    file = tmp_path / "d.csv"
    file.write_text(f"column{delimiter}meaning\narm{delimiter}Gruppe für alle\n", encoding=encoding)

    assert declare(infer({"t": FRAME}), read_dictionary_file(file)).column("t", "arm").label == "Gruppe für alle"


def test_yaml_replaces_what_it_names_and_nothing_else(tmp_path):
    inferred = infer({"t": FRAME})
    file = tmp_path / "d.yaml"
    file.write_text("tables: {t: {ARM: {kind: text, label: the arm}, other: {kind: text}}}")

    tables = declare(inferred, read_dictionary_file(file)).tables["t"]

    assert (tables["arm"].kind, tables["arm"].label) == ("text", "the arm")
    assert {name: column for name, column in tables.items() if name != "arm"} == {
        name: column for name, column in inferred.tables["t"].items() if name != "arm"
    }
    assert unknown_columns(inferred, read_dictionary_file(file)) == ("other",)


def test_a_dictionary_declares_itself(tmp_path):
    inferred = infer({"t": FRAME})
    file = tmp_path / "d.yml"
    file.write_text(to_yaml(inferred))

    assert declare(inferred, read_dictionary_file(file)) == inferred


def test_one_dictionary_may_serve_many_files(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("column,meaning\narm,treatment\nelsewhere,other\n")
    inferred = infer({"t": FRAME})

    assert declare(inferred, read_dictionary_file(file)).column("t", "arm").label == "treatment"
    assert unknown_columns(inferred, read_dictionary_file(file)) == ("elsewhere",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("column,meaning\nfoo,x\n", "None of the columns that 'd.csv' declares .'foo'. is in the data"),
        ("column,meaning\narm,x\nARM,y\n", "declares 'arm' twice, on lines 2 and 3"),
        ("column,kind\narm,colour\n", "calls 'arm' of kind 'colour' on line 2"),
        ("thing,meaning\narm,x\n", "has no column named 'column'"),
        ("column,meaning\n", "declares nothing"),
        ("", "declares nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path, text, message):
    file = tmp_path / "d.csv"
    file.write_text(text)

    with pytest.raises(DictionaryError, match=message):
        declare(infer({"t": FRAME}), read_dictionary_file(file))


def test_what_is_no_text_is_refused(tmp_path):
    file = tmp_path / "d.csv"
    file.write_bytes(b"PK\x03\x04\x00\x81")

    with pytest.raises(DictionaryError, match="is not text"):
        declare(infer({"t": FRAME}), read_dictionary_file(file))
    with pytest.raises(DictionaryError, match="cannot be opened"):
        declare(infer({"t": FRAME}), read_dictionary_file(tmp_path / "none.csv"))


def shipped(trial):
    file = trial.with_name(f"{trial.stem}_dictionary.csv")
    columns = declare(infer({"t": pl.read_csv(trial, infer_schema_length=None)}), read_dictionary_file(file)).tables[
        "t"
    ]
    with file.open(encoding="utf-8") as lines:
        return columns, list(csv.DictReader(lines))


def test_every_meaning_of_the_shipped_dictionaries_is_a_label(indo_rct, pbc):
    for trial in (indo_rct, pbc):
        columns, lines = shipped(trial)

        assert {line["column"]: line["meaning"] for line in lines} == {name: c.label for name, c in columns.items()}


def test_the_indomethacin_trial_is_declared_line_by_line(indo_rct):
    columns, lines = shipped(indo_rct)

    yes_no = {line["column"] for line in lines if line["codes_or_units"].startswith("0_no; 1_yes")}
    assert len(yes_no) == 24
    for name in yes_no:
        assert (columns[name].kind, pairs(columns[name])) == ("binary", [("0_no", "no"), ("1_yes", "yes")])
    for name in ("asa81", "asa325", "asa"):
        assert columns[name].missing == (MissingCode(value="NA_NA", reason="unknown"),)
    assert columns["id"].kind == "identifier"
    assert (columns["age"].kind, columns["age"].unit) == ("numeric", "years")
    assert (columns["risk"].kind, columns["risk"].unit, columns["risk"].levels) == ("numeric", "", ())
    assert columns["site"].levels == (
        Level(value="1_UM", label="Michigan", synonyms=("UM",)),
        Level(value="2_IU", label="Indiana", synonyms=("IU",)),
        Level(value="3_UK", label="Kentucky", synonyms=("UK",)),
        Level(value="4_Case", label="Case Western", synonyms=("Case",)),
    )
    assert pairs(columns["gender"]) == [("1_female", "female"), ("2_male", "male")]
    assert pairs(columns["status"]) == [("0_inpatient", "inpatient"), ("1_outpatient", "outpatient")]
    assert pairs(columns["rx"]) == [("0_placebo", "placebo"), ("1_indomethacin", "indomethacin")]
    assert pairs(columns["bleed"]) == [(1, "no"), (2, "yes")]
    assert columns["type"].kind == "categorical"
    assert [label for _, label in pairs(columns["type"])] == ["no SOD", "type 1", "type 2", "type 3"]
    assert not any(column.ordered for column in columns.values())


def test_the_cirrhosis_trial_is_declared_line_by_line(pbc):
    columns, _ = shipped(pbc)

    assert columns["id"].kind == "identifier"
    assert pairs(columns["status"]) == [(0, "censored"), (1, "liver transplant"), (2, "died")]
    assert (columns["status"].kind, columns["status"].ordered) == ("categorical", False)
    assert pairs(columns["trt"]) == [(1, "D-penicillamine"), (2, "placebo")]
    assert columns["trt"].missing == (MissingCode(value=None, reason="not randomised"),)
    assert pairs(columns["sex"]) == [("m", "male"), ("f", "female")]
    for name in ("ascites", "hepato", "spiders"):
        assert pairs(columns[name]) == [(0, "no"), (1, "yes")]
    assert [value for value, _ in pairs(columns["edema"])] == [0, 0.5, 1]
    assert (columns["edema"].kind, columns["edema"].ordered) == ("categorical", False)
    assert (columns["stage"].kind, columns["stage"].ordered) == ("categorical", True)
    assert pairs(columns["stage"]) == [(code, str(code)) for code in (1, 2, 3, 4)]
    units = {name: column.unit for name, column in columns.items() if column.unit}
    assert units == {
        "time": "days",
        "age": "years",
        "bili": "mg/dl",
        "chol": "mg/dl",
        "albumin": "g/dl",
        "copper": "ug/day",
        "alk.phos": "U/l",
        "ast": "U/ml",
        "trig": "mg/dl",
        "platelet": "1000 per cubic mm",
        "protime": "seconds",
    }
    assert {columns[name].kind for name in units} == {"numeric"}


def test_row_order_does_not_change_the_dictionary(pbc):
    file = pbc.with_name("pbc_dictionary.csv")
    frame = pl.read_csv(pbc, infer_schema_length=None)

    texts = {
        to_yaml(declare(infer({"t": rows}), read_dictionary_file(file)))
        for rows in (frame, frame.reverse(), frame.sample(418))
    }

    assert len(texts) == 1


def test_unknown_among_bare_levels_is_missing_and_not_done_beside_done_is_a_level(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("column,meaning,codes_or_units\nsmoking,,never; current; unknown\nbiopsy,,0=not done; 1=done\n")
    frame = pl.DataFrame({"smoking": ["never", "current", "unknown"] * 8, "biopsy": [0, 1, 1] * 8})

    columns = declare(infer({"t": frame}), read_dictionary_file(file)).tables["t"]

    assert [level.value for level in columns["smoking"].levels] == ["never", "current"]
    assert [code.value for code in columns["smoking"].missing] == ["unknown"]
    assert [level.label for level in columns["biopsy"].levels] == ["not done", "done"]
    assert columns["biopsy"].missing == ()
