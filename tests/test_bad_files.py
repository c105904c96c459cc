"""Seventy bad files, each with what is done with it: read as described, told, or refused in one sentence."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

import clinical_nb

FILES = Path(__file__).parent / "files"
MANIFEST = list(csv.DictReader((FILES / "manifest.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))

# What is refused, and the words of the sentence that matter.
REFUSED = {
    "whitespace_only.csv": "holds only blanks",
    "ragged_rows.csv": "line 6 has 4, line 10 has 8, line 21 has 7",
    "unbalanced_quote.csv": "on line 2 that is never closed",
    "empty.zip": "without any files",
    "many_files_3000.zip": "holds 3,000 files, and at most 1,000",
    "zip_bomb_1gb.zip": "refused as unsafe",
    "encrypted_zipcrypto.zip": "protected by a password",
    "truncated.zip": "damaged zip",
    "tables.tar.gz": "tar archive, which is not supported",
    "truncated.xlsx": "damaged workbook",
    "truncated.parquet": "damaged Parquet",
    "png_named_csv.csv": "picture, not a table",
    "pdf_named_csv.csv": "PDF document, not a table",
    "truncated.xpt": "damaged SAS transport file",
    "truncated.sas7bdat": "damaged SAS dataset",
}
# What is the same trial of 40 patients, however it is packed.
TRIALS = {
    "pipe_delimited.txt",
    "tabs_named_csv.csv",
    "utf16le_bom.csv",
    "csv_named_xlsx.xlsx",
    "legacy.xls",
    "not_parquet.parquet",
    "macosx_junk.zip",
    "path_traversal.zip",
    "symlink.zip",
    "title_rows_and_footer.csv",
    "no_header.csv",
}


class Uploaded:
    """A bad file as a dataset, with what its tests ask of it."""

    def __init__(self, session: clinical_nb.Session, file: str) -> None:
        self.session = session
        self.dataset = session.upload(FILES / file)

    def frame(self, table: str | None = None) -> pl.DataFrame:
        return self.dataset.lazy(table or next(iter(self.dataset.tables))).collect()

    def values(self, column: str, table: str | None = None) -> list[object]:
        return self.frame(table)[column].to_list()

    def shape(self) -> tuple[int, int]:
        ((rows, columns),) = self.dataset.tables.values()
        return rows, columns

    def told(self, words: str, column: str | None = None) -> int:
        """How many rows a finding with these words is about."""
        found = [each for each in self.dataset.report if words in each.text and column in (None, each.column)]
        assert found, f"Nothing says '{words}': {[each.text for each in self.dataset.report]}"
        return found[0].rows

    def kinds(self) -> set[tuple[str, str | None]]:
        return {(each.kind, each.column) for each in self.dataset.report}

    def ask(self, question: str) -> str:
        return str(self.session.ask(question))


EXPECTED: dict[str, Callable[[Uploaded], None]] = {}


def expects(file: str) -> Callable[[Callable[[Uploaded], None]], Callable[[Uploaded], None]]:
    def keep(check: Callable[[Uploaded], None]) -> Callable[[Uploaded], None]:
        EXPECTED[file] = check
        return check

    return keep


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as opened:
        yield opened


def test_every_file_of_the_manifest_is_tested():
    named = {row["file"] for row in MANIFEST}

    assert named == REFUSED.keys() | TRIALS | EXPECTED.keys()


@pytest.mark.parametrize("file", sorted(REFUSED))
def test_what_cannot_be_read_is_refused_in_one_sentence_and_stores_nothing(session, file):
    with pytest.raises(clinical_nb.ClinicalError) as refused:
        session.upload(FILES / file)

    assert REFUSED[file] in str(refused.value)
    assert "\n" not in str(refused.value)
    assert session.datasets() == []


@pytest.mark.parametrize("file", sorted(TRIALS))
def test_a_trial_is_read_whole_however_it_is_packed(session, file):
    uploaded = Uploaded(session, file)
    frame = uploaded.frame()

    assert frame.shape == (40, 6)
    assert frame.to_series(0).to_list() == list(range(1, 41))
    ages = frame.to_series(1).to_list()
    assert ages == list(range(41, 81))
    assert set(frame.to_series(3).to_list()) == {"A", "B"}


@pytest.mark.parametrize("file", sorted(row["file"] for row in MANIFEST if row["file"] not in TRIALS | REFUSED.keys()))
def test_a_bad_file_does_what_its_line_says(session, file):
    EXPECTED[file](Uploaded(session, file))


@expects("header_only.csv")
def _(up):
    assert up.shape() == (0, 3)
    up.told("no rows")
    assert "0" in up.ask("how many rows are there?")
    assert "has no value in any row" in up.ask("mean age")


@expects("single_row.csv")
def _(up):
    assert up.shape() == (1, 3)


@expects("duplicate_columns.csv")
def _(up):
    assert up.frame().columns == ["id", "value", "value_2", "value_3"]
    up.told("made distinct")


@expects("quoted_newlines.csv")
def _(up):
    assert up.shape() == (3, 3)
    assert any("\n" in str(value) for value in up.frame().row(0) + up.frame().row(1) + up.frame().row(2))


@expects("all_null_columns.csv")
def _(up):
    assert up.shape() == (10, 4)
    assert {("no values", "lab1"), ("no values", "lab2")} <= up.kinds()
    assert "'lab1' has no value in any row" in up.ask("mean lab1")


@expects("wide_10000_columns.csv")
def _(up):
    assert up.shape() == (8, 10_000)
    assert len(up.dataset.report) < 200
    assert len(up.ask("what is the mean of everything?")) < 5_000


@expects("cp1252_smart_quotes.csv")
def _(up):
    assert up.shape() == (2, 2)
    assert {"\u2019", "\u2013", "€"} & set("".join(str(value) for row in up.frame().rows() for value in row))
    up.told("Windows-1252")


@expects("invalid_utf8_bytes.csv")
def _(up):
    assert up.shape()[0] == 3
    up.told("not UTF-8")


@expects("weird_column_names.csv")
def _(up):
    assert up.shape() == (10, 21)
    names = up.frame().columns
    assert len({name.casefold() for name in names}) == 21
    assert up.dataset.lazy().select(pl.all().count()).collect().row(0) == (10,) * 21
    assert up.session.ask("mean age").status != "answered"


@expects("sql_injection_values.csv")
def _(up):
    assert up.shape() == (3, 3)
    assert sorted(up.values("arm")) == ["A", "A", "B"]


@expects("html_script_values.csv")
def _(up):
    answer = up.session.ask("how many by comment?")
    assert "<script>" not in answer.html()
    assert "<img" not in answer.html()


@expects("prompt_injection_values.csv")
def _(up):
    assert "10 of 40" in up.ask("what proportion died?")


@expects("prompt_injection_column.csv")
def _(up):
    assert "55.5" in up.ask("mean age")


@expects("phi_identifiers.csv")
def _(up):
    told = {column for kind, column in up.kinds() if kind == "identifiers"}
    assert {"MRN", "name", "ssn", "dob", "phone", "email", "zip"} <= told
    quoted = " ".join(each.text + each.proposal for each in up.dataset.report)
    assert not any(str(value) in quoted for column in ("MRN", "name", "ssn", "email") for value in up.values(column))
    assert "6.55" in up.ask("mean hba1c")


@expects("leading_zero_ids.csv")
def _(up):
    assert len(set(up.values("patient_id"))) == 3


@expects("mixed_types.csv")
def _(up):
    assert up.told("not a number", "value") == 2
    assert up.told("not a number", "age") == 1
    assert up.values("value") == [5.1, None, 7.0, None, 6.2]
    assert up.values("value_missing") == [None, "high", None, "see note", None]
    assert "6.1" in up.ask("mean value")


@expects("mixed_types_late.csv")
def _(up):
    assert up.frame()["lab"].dtype.is_numeric()
    assert up.frame()["lab"].null_count() == 1
    assert up.told("not a number", "lab") == 1


@expects("dates_five_formats.csv")
def _(up):
    assert any(column == "visit" and kind == "ambiguous dates" for kind, column in up.kinds())
    up.told("days that do not exist", "visit")
    up.session.accept("visit")
    days = up.session.find(up.dataset.name).lazy().collect()["visit"].to_list()
    assert days[0] == date(2023, 4, 5)
    assert days[6] == date(2023, 4, 5)
    assert days[8] is None


@expects("dates_ambiguous_dmy.csv")
def _(up):
    assert ("ambiguous dates", "admit") in up.kinds()


@expects("timezones.csv")
def _(up):
    assert up.told("without a time zone", "ts") >= 1


@expects("boolean_like.csv")
def _(up):
    assert {("yes or no", "dead"), ("yes or no", "diab"), ("yes or no", "ht"), ("unknown codes", "smoke")} <= up.kinds()
    dead = next(each for each in up.dataset.proposals if each.column == "dead")
    up.session.accept("dead")
    assert dead.step is not None
    assert up.session.find(up.dataset.name).lazy().collect()["dead"].to_list() == [
        "yes", "no", "yes", "no", "yes", None,
    ]  # fmt: skip


@expects("numbers_with_units.csv")
def _(up):
    assert ("mixed units", "creat") in up.kinds()
    up.session.accept("weight")
    up.session.accept("change")
    frame = up.session.find(up.dataset.name).lazy().collect()
    assert frame["weight"].to_list() == pytest.approx([70, 69.85322498, 65])
    assert frame["change"].to_list() == [5, -3, -2]


@expects("inf_nan_overflow.csv")
def _(up):
    assert up.told("infinite", "x") == 3
    assert "3.00" in up.ask("mean x") or "3.0" in up.ask("mean x")


@expects("excel_mangled.csv")
def _(up):
    assert ("spreadsheet damage", "gene") in up.kinds()
    assert ("spreadsheet damage", "id") in up.kinds()
    assert up.values("gene") == ["1-Mar", "2-Sep", "SEPT2"]
    assert up.values("dose") == ["2-3", "4-5", "10-12"]


@expects("outliers_impossible.csv")
def _(up):
    assert {("impossible values", column) for column in ("age", "height_cm", "sbp")} <= up.kinds()


@expects("perfect_separation.csv")
def _(up):
    assert up.shape() == (40, 3)


@expects("status_coded_1_2.csv")
def _(up):
    status = up.dataset.dictionary.tables[up.dataset.name]["status"]
    assert (status.role, status.event) == ("event", 2)
    assert any(each.asks and each.column == "status" for each in up.dataset.proposals)
    assert up.values("status").count(2) == 13


@expects("one_group_only.csv")
def _(up):
    assert ("constant", "arm") in up.kinds()
    assert up.session.ask("compare bp by arm").status == "declined"


@expects("group_of_one.csv")
def _(up):
    answer = str(up.session.ask("compare bp by arm"))
    assert "p =" not in answer


@expects("constant_and_collinear.csv")
def _(up):
    assert ("constant", "const") in up.kinds()


@expects("many_categories.csv")
def _(up):
    assert up.told("levels", "site") == 500
    assert len(up.ask("how many by site?")) < 20_000


@expects("good_two_tables.zip")
def _(up):
    assert set(up.dataset.tables) == {"patients", "labs"}
    (relation,) = up.dataset.dictionary.grains["labs"].relations
    assert (relation.table, relation.columns) == ("patients", ("id",))


@expects("same_name_two_folders.zip")
def _(up):
    assert list(up.dataset.tables.values()) == [(40, 6), (40, 6)]


@expects("multi_sheet.xlsx")
def _(up):
    assert set(up.dataset.tables) == {"baseline", "labs"}
    up.told("READ ME")


@expects("table_not_at_a1.xlsx")
def _(up):
    assert up.shape() == (10, 2)
    assert up.frame()["age"].mean() == 54.5


@expects("formulas_no_cached_values.xlsx")
def _(up):
    assert up.told("formula", "bmi") == 5
    assert up.values("bmi") == [None] * 5


@expects("error_cells.xlsx")
def _(up):
    assert up.told("#DIV/0!", "ratio") == 1
    assert up.told("#N/A", "lab") == 1


@expects("dates_1904_system.xlsx")
def _(up):
    assert up.frame().to_series(1).to_list() == [date(2023, 4, day) for day in range(1, 6)]


@expects("html_as_excel.xls")
@expects("html_as_excel.xlsx")
def _(up):
    assert up.shape() == (10, 2)
    up.told("HTML")


@expects("nested_types.parquet")
def _(up):
    assert up.shape()[0] == 3
    up.told("cannot be analysed", "labs")
    up.told("cannot be analysed", "info")
    assert up.frame()["dec"].dtype.is_numeric()
    assert up.values("ts")[0].tzinfo == UTC or isinstance(up.values("ts")[0], datetime)


@expects("value_labels_ext_missing.dta")
def _(up):
    assert "4" in up.ask("how many women?")
    smoke = up.frame()["smoke"]
    assert smoke.null_count() == 2
    assert smoke.drop_nulls().value_counts()["count"].to_list() == [3, 3]


@expects("user_missing.sav")
def _(up):
    pain = up.frame()["pain"]
    assert pain.count() == 5
    assert pain.mean() == pytest.approx(3.4)
    assert "3.4" in up.ask("mean pain")
    assert "4 of 7" in up.ask("what proportion are women?")


@expects("iris.sas7bdat")
def _(up):
    assert up.shape() == (150, 5)
