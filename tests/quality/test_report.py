"""The quality report: what is found in tables written here, and in files as they are; and what is no mess."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from clinical_nb.dictionary.said import Said
from clinical_nb.dictionary.steps import Censor, ReadDates, ReadNumbers, Recode, Split, TreatAsMissing
from clinical_nb.intake.table import Table
from clinical_nb.intake.upload import read_upload
from clinical_nb.quality.counts import Counts
from clinical_nb.quality.report import inspect
from clinical_nb.quality.whole_rows import doubt_rows

FILES = Path(__file__).parent.parent / "files"
DATA = Path(__file__).parents[2] / "data"


def report(said=None, **columns):
    frame = pl.DataFrame(columns)
    return inspect([Table("t", frame.lazy(), frame.height, said or {})])


def found(kind, findings):
    (finding,) = [each for each in findings if each.kind == kind]
    return finding


def of_file(name):
    return inspect(read_upload(FILES / name).tables)


def told(findings):
    return {(each.kind, each.column, each.rows, each.at) for each in findings}


def test_a_code_apart_from_all_other_numbers_is_proposed_as_missing():
    finding = found("missing codes", report(sodium=[140, -99, 138, 142, -99]))

    assert (finding.column, finding.rows, finding.at) == ("sodium", 2, (2, 5))
    assert finding.text == "2 values of -99, apart from all others, which may mean that it is missing."
    assert finding.step == TreatAsMissing(values=("-99",))
    assert not finding.automatic


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([18, 45, 90, 999], ("999",)),
        ([0, 3, 10, 7, 99, 5], ("99",)),
        ([1.5, 2.25, -9.0], ("-9",)),
        ([-4, 3, -12, 5, -99, 2, -999], ("-999", "-99")),
        ([0, 1, 1, 2, 9, 0], ("9",)),
    ],
)
def test_codes_of_missing_values_stand_apart(values, codes):
    assert found("missing codes", report(x=values)).step == TreatAsMissing(values=tuple(sorted(codes, key=int)))


@pytest.mark.parametrize(
    "values", [[97, 98, 99, 100], [-15, -9, -3, 4], [9, 12, 30], [95, 99, 101], [0, 2, 5, 9], [99, 99, 99]]
)
def test_numbers_among_others_are_no_codes(values):
    assert "missing codes" not in {each.kind for each in report(x=values)}


def test_codes_are_no_codes_in_a_column_that_counts_patients():
    assert report(patient_id=[1, 2, 3, 999]) == ()


def test_words_among_levels_that_mean_missing_are_proposed():
    finding = found("missing codes", report(stage=["I", "II", "not done", "?", "ND", "I"]))

    assert (finding.rows, finding.at) == (3, (3, 4, 5))
    assert finding.step == TreatAsMissing(values=("?", "ND", "not done"))


def test_words_and_codes_among_numbers_are_a_step_each_and_the_words_are_taken_as_missing_at_once():
    values = [*(f"{140 + at / 10}" for at in range(20)), "clumped", "-99"]

    words, code = sorted(report(plt=values), key=lambda each: each.kind, reverse=True)

    assert (words.kind, words.step, words.automatic) == (
        "words among numbers",
        TreatAsMissing(values=("clumped",)),
        True,
    )
    assert (code.kind, code.step, code.automatic) == ("missing codes", TreatAsMissing(values=("-99",)), False)


@pytest.mark.parametrize(
    "values",
    [
        ["1", "2", "1", "2", "M"],  # codes, of which a word may be one more
        ["5.1", "6.2", "7 or 8x"],  # digits may be a value
        ["5.1", "high", "low", "low"],  # fewer numbers than words
    ],
)
def test_nothing_is_taken_as_missing_at_once_where_it_may_be_a_value(values):
    assert not any(each.automatic for each in report(x=values))


def test_limits_stay_known_as_limits():
    finding = found("limits", report(crp=["5.1", "<5", "12", ">200", "7"]))

    assert (finding.rows, finding.at, finding.step) == (2, (2, 4), Censor())
    assert found("limits", report(crp=["5,1", "<0,5", "12"])).step == Censor(decimal=",")


@pytest.mark.parametrize(
    ("name", "into"),
    [
        ("start_bp", ("start_bp_systolic", "start_bp_diastolic")),
        ("pre/post_wt_kg", ("pre_wt_kg", "post_wt_kg")),
        ("acuity", ("acuity_1", "acuity_2")),
    ],
)
def test_two_numbers_in_a_cell_are_split_by_what_the_header_says(name, into):
    finding = found("two in one", report(**{name: ["114/72", "120/80", None]}))

    assert (finding.rows, finding.at, finding.step) == (2, (1, 2), Split(into=into))


def test_what_was_split_is_not_proposed_again():
    findings = report(bp=["114/72", "120/80"], bp_systolic=[114, 120], bp_diastolic=[72, 80])

    assert "two in one" not in {each.kind for each in findings}


@pytest.mark.parametrize(
    ("values", "step"),
    [
        (["12 mg", "7mg", "8"], ReadNumbers(factors={"mg": 1.0, "": 1.0})),
        (["1,200.50", "900", "3,000"], ReadNumbers(thousands=",")),
        (["5%", "\u22122%"], ReadNumbers(factors={"%": 1.0, "": 1.0})),
        (["70 kg", "154 lb", "65kg"], ReadNumbers(factors={"kg": 1.0, "lb": 0.45359237, "": 1.0})),
        (["1.2 mg/dl", "88 umol/l", "1.0"], None),
        (["$12", "€9"], None),
        (["1,5", "1.25"], None),
        (["1,5", "2"], ReadNumbers(decimal=",")),
        (["1,5 kg", "2 kg"], ReadNumbers(decimal=",", factors={"kg": 1.0, "": 1.0})),
        (["500 mg", "1 g"], ReadNumbers(factors={"mg": 1.0, "g": 1000.0, "": 1.0})),
        (["41 y", "6 months", "18 d"], ReadNumbers(factors={"y": 1.0, "months": 1 / 12, "d": 1 / 365.25, "": 1.0})),
        (["5'11\"", "6'2", "5 ft 4 in"], ReadNumbers(factors={"cm": 1.0, "ft": 30.48, "in": 2.54})),
        (["5'11\"", "180"], ReadNumbers(factors={"cm": 1.0, "ft": 30.48, "in": 2.54, "": 1.0})),
        (["5'11\"", "71"], ReadNumbers(factors={"cm": 1.0, "ft": 30.48, "in": 2.54})),
        (["55%", "0.60", "45%"], ReadNumbers(factors={"%": 0.01, "": 1.0})),
        (["55%", "0.60", "45"], ReadNumbers(factors={"%": 1.0})),
        (["55,5%", "0,60"], ReadNumbers(decimal=",", factors={"%": 0.01, "": 1.0})),
        (["0.5%", "0.6"], ReadNumbers(factors={"%": 1.0, "": 1.0})),
        (["55%", "60"], ReadNumbers(factors={"%": 1.0, "": 1.0})),
        (["1 234,50", "12,5"], ReadNumbers(decimal=",", thousands=" ")),
        (["1\u202f234,50", "12,5"], ReadNumbers(decimal=",", thousands=" ")),
        (["1'234.50", "3.5"], ReadNumbers(thousands="'")),
        (["1\u2019234.50", "3.5"], ReadNumbers(thousands="'")),
        (["1.234,50", "12,5", "1.234"], ReadNumbers(decimal=",", thousands=".")),
        (["1.234", "1,234"], None),
        (["1.200,50", "3,5"], ReadNumbers(decimal=",", thousands=".")),
        (["1 200", "900"], ReadNumbers(thousands=" ")),
    ],
)
def test_numbers_with_units_are_read_and_converted_only_between_units_of_one_thing(values, step):
    (finding,) = report(x=values)

    assert finding.step == step


def test_spellings_that_look_alike_become_the_most_frequent():
    race = ["Caucasian"] * 4 + ["caucasian", "Caucassian", "Asian", "African-American"]
    sex = ["female", "Female", "F", "female", "male", "M", "male", "male"]

    findings = report(race=race, sex=sex)

    by_column = {each.column: each for each in findings if each.kind == "look-alike levels"}
    assert by_column["race"].step == Recode(values={"Caucassian": "Caucasian", "caucasian": "Caucasian"})
    assert (by_column["race"].rows, by_column["race"].at) == (6, (1, 2, 3, 4, 5))
    assert by_column["sex"].step == Recode(values={"Female": "female", "F": "female", "M": "male"})


@pytest.mark.parametrize(
    "values",
    [
        ["hispanic", "not hispanic"],
        ["type 1", "type 2"],
        ["1.5 mg", "15 mg"],
        ["stage IIa", "stage IIb"],
        ["A1", "A2"],
        ["A+", "A-"],
        ["typical", "atypical"],
        ["hypertension", "hypotension"],
        ["male", "female"],
        ["treatment A", "treatment B"],
    ],
)
def test_levels_that_mean_different_things_are_not_alike(values):
    findings = report(x=values * 10 + values[:1] * 30)

    assert [each for each in findings if each.kind == "look-alike levels"] == []


def test_yes_and_no_in_many_spellings_are_written_as_yes_and_no():
    finding = found("yes or no", report(dead=["yes", "No", "YES", "no", "ja", None]))

    assert finding.step == Recode(values={"YES": "yes", "ja": "yes", "No": "no"})
    assert (finding.rows, finding.at) == (5, (1, 2, 3, 4, 5))


@pytest.mark.parametrize(
    ("values", "kind", "step"),
    [
        (["02/03/2022", "03/05/2022"], "ambiguous dates", ReadDates(formats=("%d/%m/%Y",))),
        (["11/03/2022", "13/05/2022"], "dates as text", ReadDates(formats=("%d/%m/%Y",))),
        (["11/03/2022", "05/13/2022"], "dates as text", ReadDates(formats=("%m/%d/%Y",))),
        (["13.03.2022", "45021", "13.03.2023"], "mixed dates", ReadDates(formats=("%d.%m.%Y",), excel=True)),
        (["5 April 2023", "12 May 2023"], "dates as text", ReadDates(formats=("%d %b %Y",))),
        (["13/03/2022 10:30", "14/03/2022 09:00"], "dates as text", ReadDates(formats=("%d/%m/%Y %H:%M",))),
    ],
)
def test_dates_are_read_by_the_format_that_they_settle(values, kind, step):
    assert found(kind, report(visit=values)).step == step


def test_a_day_that_does_not_exist_is_told_and_never_moved():
    findings = report(visit=["31/02/2023", "13/03/2023", "14/03/2023"])

    assert (found("impossible dates", findings).rows, found("impossible dates", findings).at) == (1, (1,))
    assert found("dates as text", findings).step == ReadDates(formats=("%d/%m/%Y",))


def test_dates_that_cannot_be_are_told():
    findings = report(
        birth_date=[date(1950, 1, 1), date(1820, 1, 1), date(1960, 1, 1)],
        death_date=[date(1940, 1, 1), date(2020, 1, 1), date(2190, 1, 1)],
    )

    assert ("impossible dates", "birth_date", 1, (2,)) in told(findings)
    assert ("impossible dates", "death_date", 1, (3,)) in told(findings)
    assert ("order of dates", "death_date", 1, (1,)) in told(findings)


def test_impossible_values_and_values_far_from_all_others_are_proposed_as_missing():
    wbc = [4.1, 5.2, 6.3, 7.1, 8.2, 5.5, 6.6, 7.7, 9.1, 4.8, 6.1, 106.0]

    findings = report(wbc_count=wbc, sbp=[120] * 10 + [118, 1200])

    outlier, impossible = found("outliers", findings), found("impossible values", findings)
    assert (outlier.column, outlier.at, outlier.step) == ("wbc_count", (12,), TreatAsMissing(values=("106",)))
    assert (impossible.column, impossible.at, impossible.step) == ("sbp", (12,), TreatAsMissing(values=("1200",)))


def test_a_group_of_lower_values_is_no_outlier():
    scores = [29.8, 29.9, 50.6, 51.5, 52.9, 53.7, *(75 + at / 10 for at in range(20))]

    assert report(score=scores) == ()


def test_values_of_a_long_tail_are_no_outliers():
    assert report(bilirubin=[1.3**at for at in range(30)]) == ()


def test_glucose_in_two_units_is_told_though_each_value_is_possible():
    finding = found("mixed units", report(glucose=[95.0, 100.0, 110.0, 5.5, 6.1, 102.0]))

    assert (finding.rows, finding.at, finding.step) == (2, (4, 5), None)


def test_words_for_one_category_of_race_are_alike():
    race = (
        ["African-American"] * 4 + ["afromerican"] * 2 + ["white", "Caucasian", "Caucasian", "Asian", "Other", "Mixed"]
    )

    step = found("look-alike levels", report(race=race)).step

    assert step == Recode(values={"afromerican": "African-American", "white": "Caucasian"})


def test_a_table_too_long_to_look_for_what_occurs_twice_says_so():
    table = Table("t", pl.LazyFrame({"x": [1, 1]}), 20_000_001)

    (finding,) = doubt_rows(table, [Counts("x", pl.Int64())], None)

    assert (finding.kind, finding.rows) == ("not looked at", 0)
    assert finding.text == "20,000,001 rows are too many to look for rows and identifiers that occur twice."
    assert "not looked at" not in {each.kind for each in report(x=[1, 1, 2])}


def test_only_the_standards_own_words_for_a_race_are_alike():
    standard = ["American Indian or Alaska Native"] * 3 + ["AIAN", "Native Hawaiian", "NHPI", "NHPI"]
    others = ["American Indian"] * 3 + ["Amerind", "NHPI", "HAPI", "Hawaiian-Pacific", "Asian"]

    step = found("look-alike levels", report(race=standard)).step

    assert step == Recode(values={"AIAN": "American Indian or Alaska Native", "Native Hawaiian": "NHPI"})
    assert [each for each in report(race=others) if each.kind == "look-alike levels"] == []


def test_days_as_a_spreadsheet_counts_them_are_told():
    assert found("mixed dates", report(visit_date=[45021, 45022])).rows == 2


def test_heights_in_metres_among_centimetres_are_two_units():
    finding = found("mixed units", report(height=[170.0, 1.7, 165.0, 182.0, 1.62]))

    assert (finding.column, finding.rows, finding.at, finding.step) == ("height", 2, (2, 5), None)


def test_the_unit_that_the_file_says_is_the_one_that_holds():
    findings = report({"weight": Said(unit="kg")}, weight=[70.0, 80.0, 650.0])

    assert found("impossible values", findings).at == (3,)


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ({"contact": ["a@b.org", "c@d.org"]}, "e-mail"),
        ({"n2": ["900-00-1001", "900-00-1002"]}, "social security"),
        ({"host": ["10.0.0.1", "10.0.0.2"]}, "IP"),
        ({"reached": ["(555) 123-4567", "(555) 987-6543"]}, "telephone"),
        ({"who": ["Mary Smith", "John O'Neil", "Ann Lee"]}, "names of people"),
        ({"birth_dt_dob": ["1950-01-01"]}, "The name says"),
    ],
)
def test_identifiers_are_told_by_name_and_by_value_and_never_quoted(column, what):
    findings = report(**column)

    assert what in found("identifiers", findings).text
    assert not any(value in each.text + each.proposal for each in findings for value in next(iter(column.values())))


def test_rows_and_identifiers_that_occur_twice_are_told():
    ids = [*range(1, 30), 29, 5]
    rows = [*range(1, 30), 29, 99]

    findings = report(patient_id=ids, x=rows)

    assert ("duplicated rows", None, 1, (30,)) in told(findings)
    assert ("duplicated ids", "patient_id", 4, (5, 29, 30, 31)) in told(findings)


def test_patients_with_a_row_for_each_visit_are_no_duplicates():
    assert report(patient_id=[1, 1, 2, 2], visit=[1, 2, 1, 2], x=[5, 6, 7, 8]) == ()


def test_columns_beside_others_are_not_looked_at():
    findings = report({"x": Said(reasons="x_missing")}, x=[1, 2, None, 3], x_missing=[None, None, "?", None])

    assert findings == ()


def test_what_many_columns_share_is_told_once():
    findings = report(**{f"x{at}": [1, 2, -99] for at in range(1_000)})

    assert len(findings) == 21
    assert findings[-1].text == "The same (missing codes) in 980 more columns: x116, x117, x118, x119, x12, …."


def test_many_different_values_are_counted_exactly():
    rows = 150_000
    weight = [60 + at % 40_000 / 1_000 for at in range(rows - 2)]

    findings = report(weight_kg=[*weight, -99.0, 4_000.0], note=[f"remark {at}" for at in range(rows)])

    assert told(findings) == {
        ("missing codes", "weight_kg", 1, (rows - 1,)),
        ("impossible values", "weight_kg", 1, (rows,)),
    }


def test_a_table_without_rows_has_nothing_wrong_in_it():
    assert report(x=[]) == ()


def test_words_among_numbers_of_a_file_are_taken_as_missing():
    findings = of_file("mixed_types.csv")

    assert told(findings) == {("words among numbers", "value", 2, (2, 4)), ("words among numbers", "age", 1, (3,))}
    assert all(each.automatic for each in findings)


def test_one_word_in_twenty_thousand_numbers_is_found():
    (finding,) = of_file("mixed_types_late.csv")

    assert (finding.column, finding.rows, finding.at, finding.automatic) == ("lab", 1, (20_001,), True)


def test_dates_in_nine_notations_are_told_with_what_each_becomes():
    findings = of_file("dates_five_formats.csv")

    assert told(findings) == {
        ("ambiguous dates", "visit", 8, (1, 2, 3, 4, 5)),
        ("impossible dates", "visit", 1, (9,)),
        ("partial dates", "visit", 1, (6,)),
    }
    step = found("ambiguous dates", findings).step
    assert isinstance(step, ReadDates)
    assert step.excel


def test_a_file_of_ambiguous_dates_asks_which_comes_first():
    finding = found("ambiguous dates", of_file("dates_ambiguous_dmy.csv"))

    assert (finding.column, finding.step) == ("admit", ReadDates(formats=("%d/%m/%Y",)))
    assert finding.proposal.startswith("Is the day first (05/04 is 5 April) or the month (4 May)?")


def test_time_stamps_with_and_without_zones_are_told():
    assert told(of_file("timezones.csv")) == {("time zones", "ts", 1, (3,)), ("time zones", "ts", 1, (5,))}


def test_yes_and_no_of_a_file_and_codes_that_are_neither():
    findings = of_file("boolean_like.csv")

    assert told(findings) == {
        ("missing codes", "smoke", 1, (6,)),
        ("unknown codes", "smoke", 2, (4, 6)),
        ("yes or no", "dead", 5, (1, 2, 3, 4, 5)),
        ("yes or no", "diab", 6, (1, 2, 3, 4, 5)),
        ("yes or no", "ht", 5, (1, 2, 3, 4, 5)),
    }


def test_units_of_a_file_are_mixed_or_read():
    findings = of_file("numbers_with_units.csv")

    assert {(each.kind, each.column) for each in findings if each.step is None} == {
        ("mixed units", "cost"),
        ("mixed units", "creat"),
    }
    assert {each.column for each in findings if isinstance(each.step, ReadNumbers)} == {"weight", "change", "spo2"}


def test_what_a_spreadsheet_has_done_to_a_file_is_told_and_nothing_in_it_is_a_date():
    findings = of_file("excel_mangled.csv")

    assert told(findings) == {
        ("spreadsheet damage", "gene", 3, (1, 2, 3)),
        ("spreadsheet damage", "id", 2, (1, 2)),
    }


def test_impossible_values_of_a_file_are_told():
    assert told(of_file("outliers_impossible.csv")) == {
        ("impossible values", "age", 2, (2, 3)),
        ("mixed units", "height_cm", 1, (2,)),
        ("impossible values", "height_cm", 1, (4,)),
        ("impossible values", "sbp", 2, (2, 3)),
        ("unknown codes", "sex", 1, (4,)),
    }


def test_identifiers_of_a_file_are_told_without_a_value():
    findings = of_file("phi_identifiers.csv")

    assert {each.column for each in findings} == {"MRN", "name", "ssn", "dob", "phone", "email", "zip"}
    assert {each.kind for each in findings} == {"identifiers"}


def test_a_constant_and_a_column_of_very_many_levels_are_told():
    assert told(of_file("constant_and_collinear.csv")) == {("constant", "const", 30, ())}
    assert told(of_file("many_categories.csv")) == {("many levels", "site", 500, ())}


def test_numbers_that_were_infinite_are_none_now():
    assert of_file("inf_nan_overflow.csv") == ()


@pytest.mark.parametrize(
    ("file", "expected"),
    [("pbc/pbc.csv", set()), ("indo_rct/indo_rct.csv", {("old ages", "age")})],
)
def test_clean_files_raise_no_false_alarm(file, expected):
    assert {(each.kind, each.column) for each in inspect(read_upload(DATA / file).tables)} == expected
