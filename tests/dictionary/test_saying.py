"""What a file says of its columns, over what their values show."""

import polars as pl

from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.meaning import Level, MissingCode
from clinical_nb.dictionary.said import Said


def said(**labels):
    return Said(levels=tuple(Level(value=int(code[1:]), label=label) for code, label in labels.items()))


def column(values, words, name="x"):
    return infer({"t": pl.DataFrame({name: values})}, {"t": {name: words}}).column("t", name)


def test_labels_of_codes_make_levels_in_the_file_s_order():
    found = column([1, 2, 2, 1, 3], said(_2="female", _1="male", _3="other"))

    assert found.kind == "categorical"
    assert [(level.value, level.label) for level in found.levels] == [(2, "female"), (1, "male"), (3, "other")]
    assert not found.ordered


def test_a_code_without_a_label_stays_under_its_own_text():
    found = column([1, 2, 5, 1, 2, 5], said(_1="male", _2="female"))

    assert [(level.value, level.label) for level in found.levels] == [(1, "male"), (2, "female"), (5, "5")]


def test_labels_that_say_unknown_are_codes_for_missing():
    found = column([0, 1, 9, 0, 1, 9], said(_0="never", _1="ever", _9="unknown"))

    assert found.kind == "binary"
    assert [level.value for level in found.levels] == [0, 1]
    assert found.missing == (MissingCode(value=9, reason="unknown"),)


def test_a_count_with_few_labels_stays_a_number():
    ages = [*range(20, 80), 999, 0, 0]

    found = column(ages, said(_0="none", _999="unknown"))

    assert found.kind == "numeric"
    assert found.missing == (MissingCode(value=999, reason="unknown"),)


def test_a_scale_with_labelled_ends_keeps_all_its_values():
    found = column([0, 1, 2, 3, 4] * 3, said(_0="no pain", _4="worst"))

    assert [(level.value, level.label) for level in found.levels] == [
        (0, "no pain"),
        (1, "1"),
        (2, "2"),
        (3, "3"),
        (4, "worst"),
    ]


def test_more_codes_than_are_looked_for_are_levels_where_all_have_a_label():
    codes = list(range(1, 61))

    found = column([*codes, *codes], Said(levels=tuple(Level(value=code, label=f"site {code}") for code in codes)))

    assert found.kind == "categorical"
    assert len(found.levels) == 60


def test_whole_floats_are_labelled_by_whole_codes():
    found = column([1.0, 2.0, 1.0, 2.0], said(_1="male", _2="female"))

    assert [(level.value, level.label) for level in found.levels] == [(1, "male"), (2, "female")]


def test_label_unit_and_column_of_reasons_are_taken():
    reason = MissingCode(value=None, reason="refused")

    found = column([1.5, None, 3.5], Said(label="Weight", unit="kg", missing=(reason,), reasons="x_missing"))

    assert (found.label, found.unit, found.reasons, found.missing) == ("Weight", "kg", "x_missing", (reason,))


def test_an_identifier_stays_one():
    found = column([1, 2, 3], Said(label="Patient", levels=(Level(value=1, label="first"),)), name="patient_id")

    assert (found.kind, found.label, found.levels) == ("identifier", "Patient", ())
