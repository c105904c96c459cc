"""Files that are none, and files whose rows mean something else than they seem to: what is said of them."""

import os
from datetime import date

import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from openpyxl.comments import Comment

import clinical_nb
from clinical_nb.errors import ClinicalError, FileError

REDCAP = "record_id,redcap_event_name,sex,race___1,hb\n" + "".join(
    f"{n},baseline_arm_1,{1 + n % 2},{n % 2},\n{n},visit_1_arm_1,,,{12 + n / 10:.1f}\n" for n in range(1, 9)
)


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as opened:
        yield opened


def put(tmp_path, text, name="table.csv"):
    file = tmp_path / name
    file.write_text(text)
    return file


def numbers(answer, context="count"):
    rows = answer.result.ard.filter((pl.col("context") == context) & pl.col("group1").is_null())
    return dict(rows.select("stat_name", "stat").iter_rows())


def test_all_paths_that_lead_nowhere_are_named_at_once(session, tmp_path):
    with pytest.raises(ClinicalError, match=r"'.*data\.csv', '.*words\.csv' are not there"):
        session.upload(tmp_path / "data.csv", dictionary=tmp_path / "words.csv")


def test_no_path_is_not_the_folder_of_the_notebook(session):
    with pytest.raises(ClinicalError, match="nothing to upload"):
        session.upload("")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_and_a_device_are_refused_and_not_waited_for(session, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", "/dev/zero"):
        with pytest.raises(FileError, match="no file but a device, a pipe"):
            session.upload(path)


def test_maps_in_parquet_are_text_and_names_that_repeat_are_told(session, tmp_path):
    maps = pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64()))
    pq.write_table(pa.table({"id": [1, 2, 3], "more": maps}), tmp_path / "maps.parquet")
    twice = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"])
    pq.write_table(twice, tmp_path / "twice.parquet")

    dataset = session.upload(tmp_path / "maps.parquet")

    assert dataset.lazy("maps").collect()["more"].to_list() == ['{"k":1}', "{}", None]
    with pytest.raises(FileError, match="several columns of one name"):
        session.upload(tmp_path / "twice.parquet")


def test_a_value_that_stands_in_one_of_a_persons_rows_counts_for_the_person(session, tmp_path):
    session.upload(put(tmp_path, REDCAP))

    found = numbers(session.ask("how many with race___1"))

    assert (found["n"], found["N"], found["n_unknown"]) == (4, 8, 0)
    by_sex = session.ask("how many by sex").result.ard.filter(pl.col("stat_name") == "n", pl.col("group1") == "sex")
    assert by_sex["stat"].to_list() == [4, 4]
    both = numbers(session.ask("how many with hb above 12.4 and sex = 1"))
    assert (both["n"], both["N"]) == (2, 8)


def test_few_persons_with_several_visits_are_persons(session, tmp_path):
    rows = "".join(f"P{n},{visit},{10 + n + visit / 10}\n" for n in range(4) for visit in range(3))
    session.upload(put(tmp_path, f"id,visit,hb\n{rows}"))

    assert numbers(session.ask("how many patients"))["n"] == 4


def test_rows_without_an_identifier_are_not_said_to_be_persons(session, tmp_path):
    session.upload(put(tmp_path, "id,visit,hb\nP0,0,10\n,1,10.1\n,2,10.2\nP1,0,11\n,1,11.1\n,2,11.2\n"))

    said = str(session.ask("how many"))

    assert "4 rows have no id" in said
    assert "does not repeat" not in said


def test_a_name_that_several_columns_have_is_asked_back(session, tmp_path):
    session.upload(put(tmp_path, "id,value,value\n1,5,6\n2,8,9\n3,1,2\n"))

    assert session.ask("mean value").status == "unclear"
    assert session.ask("mean value_2").status == "answered"


def test_words_that_may_mean_missing_are_doubted_where_they_count_among_those_without(session, tmp_path):
    levels = ["yes"] * 4 + ["no"] * 4 + ["not done"] * 2 + ["refused"] * 2
    session.upload(put(tmp_path, "id,smoke\n" + "".join(f"{n},{level}\n" for n, level in enumerate(levels))))

    answer = session.ask("how many with smoke = yes")

    assert numbers(answer)["n"] == 4
    assert "In doubt, smoke: 4 values that may mean that it is missing: 'not done', 'refused'" in str(answer)


def test_codes_that_the_labels_of_the_file_call_missing_are_not_doubted(session, tmp_path):
    words = put(tmp_path, "column,meaning,codes_or_units\npain,pain,97=Refused; 98=Don't know\n", "words.csv")
    data = put(tmp_path, "id,pain\n1,1\n2,2\n3,3\n4,97\n5,98\n6,4\n", "pain.csv")
    session.upload(data, dictionary=words)

    said = str(session.ask("mean pain"))

    assert "counted as they are" not in said


def test_days_that_are_numbers_are_doubted_where_they_are_asked_about(session, tmp_path):
    days = [date(2021, 1, day).strftime("%Y%m%d") for day in (5, 6, 7, 8)]
    session.upload(put(tmp_path, "id,visit_date\n" + "".join(f"{n},{day}\n" for n, day in enumerate(days))))

    assert "In doubt, visit_date: Days written as numbers" in str(session.ask("range of visit_date"))


def test_signs_that_act_on_a_screen_make_no_level_and_are_not_shown(session, tmp_path):
    rows = "".join(
        f"{n},{'A' if n % 2 else 'Bee'}{chr(7) * (n == 5)}{(chr(27) + '[31m') * (n == 6)}\n" for n in range(60)
    )
    session.upload(put(tmp_path, f"id,arm\n{rows}"))

    said = str(session.ask("how many by arm"))

    assert "A: n 30" in said
    assert not any(sign in said for sign in "\a\x1b")


def test_as_many_patients_of_two_sites_are_not_the_same_patients(session, tmp_path):
    one = put(tmp_path, "id,arm,age\n1,A,50\n2,B,51\n3,A,52\n", "oslo.csv")
    other = put(tmp_path, "id,arm,age\n11,A,60\n12,B,61\n13,B,62\n", "bern.csv")
    session.upload([one, other], name="sites")

    assert session.ask("how many").status == "unclear"


def test_long_text_of_stata_is_not_lost(session, tmp_path):
    notes = pl.DataFrame({"id": [1, 2], "note": ["x" * 3000, "y"]})
    pyreadstat.write_dta(notes, tmp_path / "notes.dta", version=15)

    dataset = session.upload(tmp_path / "notes.dta")

    assert dataset.lazy().collect()["note"].to_list() == ["x" * 3000, "y"]


def test_results_in_several_units_are_not_averaged_as_if_in_one(session, tmp_path):
    glucose = "".join(f"{n},glucose,{90 + n},mg/dL\n{n},glucose,{5 + n / 10},mmol/L\n" for n in range(10))
    sodium = "".join(f"{n},sodium,{135 + n},mmol/L\n" for n in range(10))
    session.upload(put(tmp_path, f"row,test,value,unit\n{glucose}{sodium}", "labs.csv"))

    refused = session.ask("mean glucose")
    (finding,) = (each for each in session.datasets()[0].report if each.says_units)

    assert (finding.says_units, finding.parameter, finding.rows) == ("unit", "glucose", 10)
    assert refused.status == "declined"
    assert "glucose" in str(refused)
    assert "in one unit, or by unit" in str(refused)
    assert "mean 94.5" in str(session.ask("mean glucose where unit is mg/dL"))
    assert session.ask("mean glucose by unit").status == "answered"
    assert "mean 139.5" in str(session.ask("mean sodium"))


def test_comments_of_a_workbook_are_told(session, tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "age"], [1, 50], [2, 60]):
        book.active.append(row)
    book.active["B2"].comment = Comment("estimated", "somebody")
    book.save(tmp_path / "book.xlsx")

    assert any("comments on cells" in each.text for each in session.upload(tmp_path / "book.xlsx").report)
