"""Several numbers in a cell: how they are read apart, what the columns are called, and that a person accepts it."""

import polars as pl
import pytest

import clinical_nb
from clinical_nb.dictionary.steps import Split
from clinical_nb.quality.pairs import Called, Parts, call_parts, find_split, parts_of


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        yield session


def upload(session, tmp_path, header, *values, **files):
    file = tmp_path / "trial.csv"
    file.write_text(f"id;{header}\n" + "".join(f"{at};{value}\n" for at, value in enumerate(values, 1)))
    return session.upload(file, **files)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("114/72", Parts((114, 72), "/")),
        (" 70.5 / 68 kg", Parts((70.5, 68), "/", "kg")),
        ("66,5/64", Parts((66.5, 64), "/")),
        ("114\\72", Parts((114, 72), "\\")),
        ("3x4\u00d75", None),  # one mark for all
        ("3 x 4 x 5 cm", Parts((3, 4, 5), "x", "cm")),
        ("12.3 \u00b1 1.2", Parts((12.3, 1.2), "\u00b1")),
        ("114-72", Parts((114, 72), "-")),
        ("3-4", None),  # a range
        ("1-2-3", None),
        ("72 mg/5 ml", None),
        ("A/G", None),
        ("114/", None),
    ],
)
def test_the_numbers_of_a_cell_are_taken_apart(text, parts):
    assert parts_of(text) == parts


def test_the_way_is_that_of_most_cells():
    texts = {"114/72": 3, "120/80 mmHg": 1, "133-88": 1, "n/a": 1, "1/2/3": 1}

    assert find_split(texts) == ({"114/72": 3, "120/80 mmHg": 1}, Parts((114, 72), "/", "mmHg"))
    assert find_split({"none": 2}) is None


@pytest.mark.parametrize(
    ("column", "label", "called"),
    [
        ("systolic/diastolic (mmHg)", "", Called(("systolic", "diastolic"), (), "mmHg")),
        ("pre/post_weight_kg", "", Called(("pre_weight_kg", "post_weight_kg"))),
        ("weight before / after", "", Called(("weight before", "weight after"))),
        ("left ear/right ear", "", Called(("left ear", "right ear"))),
        ("apgar 1/5 min", "", Called(("apgar 1 min", "apgar 5 min"))),
        ("dose mg/ml", "", Called(("dose mg/ml_1", "dose mg/ml_2"))),
        ("bp", "", Called(("bp_systolic", "bp_diastolic"))),
        ("bp", "pressure", Called(("bp_systolic", "bp_diastolic"), ("pressure, systolic", "pressure, diastolic"))),
        (
            "x7",
            "weight before and after dialysis (kg)",
            Called(("x7_before", "x7_after"), ("weight before dialysis", "weight after dialysis"), "kg"),
        ),
        ("acuity", "visual acuity", Called(("acuity_1", "acuity_2"))),
    ],
)  # fmt: skip
def test_parts_are_called_as_the_header_or_the_label_says(column, label, called):
    assert call_parts(column, 2, label) == called


def test_three_numbers_are_three_columns():
    assert call_parts("L/W/H (cm)", 3) == Called(("L", "W", "H"), (), "cm")
    assert call_parts("tumour", 3) == Called(("tumour_1", "tumour_2", "tumour_3"))


def test_accepting_makes_numeric_columns_with_their_unit(session, tmp_path):
    upload(session, tmp_path, "systolic/diastolic (mmHg)", "114/72", "120 / 80", "131/85 mmHg", "118/70", "n/a")

    accepted = session.accept("systolic/diastolic (mmHg)")

    rows = accepted.lazy().collect()
    assert rows["systolic"].to_list() == [114, 120, 131, 118, None]
    assert rows["diastolic"].to_list() == [72, 80, 85, 70, None]
    meaning = accepted.dictionary.tables["trial"]
    assert (meaning["systolic"].kind, meaning["systolic"].unit) == ("numeric", "mmHg")
    assert meaning["systolic"].label == "part of 'systolic/diastolic'"
    assert "mean 120.8 mmHg" in str(session.ask("mean systolic"))


def test_the_dictionary_names_the_parts(session, tmp_path):
    words = tmp_path / "words.csv"
    words.write_text("column,meaning,codes_or_units\nx7,weight before and after dialysis,kg\n")
    dataset = upload(session, tmp_path, "x7", "70/68", "81/80", "66,5/64", "90/85", dictionary=words)

    (proposal,) = [each for each in dataset.proposals if isinstance(each.step, Split)]
    assert proposal.step == Split(
        into=("x7_before", "x7_after"), labels=("weight before dialysis", "weight after dialysis"), unit="kg"
    )
    assert proposal.proposal == "Read them as two columns, x7_before and x7_after, in kg."
    accepted = session.accept("x7")
    assert accepted.lazy().collect()["x7_before"].to_list() == [70, 81, 66.5, 90]
    after = accepted.dictionary.tables["trial"]["x7_after"]
    assert (after.label, after.unit) == ("weight after dialysis", "kg")
    assert not [each for each in accepted.proposals if isinstance(each.step, Split)]


def test_a_dash_parts_what_the_header_says_has_parts_and_ranges_stay(session, tmp_path):
    pressure = upload(session, tmp_path, "bp", "114-72", "120-80", "131-85")
    assert [each.step for each in pressure.proposals if each.column == "bp"] == [
        Split(separator="-", into=("bp_systolic", "bp_diastolic"))
    ]
    assert session.accept("bp").lazy().collect()["bp_diastolic"].to_list() == [72, 80, 85]

    pain = upload(session, tmp_path, "pain", "3-4", "5", "4-5", "2", name="pain")
    assert not [each for each in pain.proposals if isinstance(each.step, Split)]


def test_labels_go_with_the_parts_or_are_refused(session, tmp_path):
    upload(session, tmp_path, "bp", "114/72", "120/80")

    with pytest.raises(clinical_nb.ClinicalError, match="label for each part"):
        session.accept("bp", instead={"do": "split", "into": ["a", "b"], "labels": ["only one"]})
    changed = session.accept("bp", instead={"do": "split", "into": ["a", "b"], "labels": ["upper", "lower"]})
    assert [changed.dictionary.tables["trial"][name].label for name in ("a", "b")] == ["upper", "lower"]
    assert changed.lazy().collect().select("a", "b").equals(pl.DataFrame({"a": [114, 120], "b": [72, 80]}))
