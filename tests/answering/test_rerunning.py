"""A rerun says whether the numbers are the same, what changed where they are not, and by how much, one by one."""

import math

import polars as pl
import pytest

from clinical_nb.analysis import run
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.errors import ClinicalError
from clinical_nb.render.differences import find_differences
from clinical_nb.result import Result, Statistic

CSV = "id,sex,age,weight\n1,f,60,71.5\n2,m,70,80\n3,f,50,\n4,m,66,91\n5,f,71,65\n6,m,40,77\n"
MEANING = "column,meaning,codes_or_units\nsex,sex,f=female; m=male\nage,age at entry,years\nweight,body weight,kg\n"


def rewrite(session, answer, change):
    """Change the answer as the store keeps it."""
    kept = session.current.store.load_result(answer.run_key)
    change(kept)
    session.current.store.save_result(answer.run_key, kept)


def test_the_same_version_gives_the_same_bits_and_no_table(session):
    first = session.ask("mean age by sex")

    again = session.rerun(first.run_id)

    assert "every number equals the answer of" in str(again)
    assert again.differences is None


def test_on_the_latest_each_statistic_that_differs_is_shown_before_and_after(session, files):
    first = session.ask("mean age by sex")
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial.csv")

    new = session.rerun(first.run_id, on_latest=True)

    assert new.differences is not None
    frame = new.differences.frame
    mean = frame.filter(pl.col("group") == "sex = female", pl.col("statistic") == "mean").row(0, named=True)
    assert mean["variable"] == "age"
    assert mean["before"] == pytest.approx(181 / 3)
    assert mean["after"] == pytest.approx(261 / 4)
    assert mean["change"] == pytest.approx(261 / 4 - 181 / 3)
    assert set(frame["group"]) == {"sex = female"}  # the men are the same
    assert new.differences.same >= 10
    assert "sex = female, age, mean: 60.3333 → 65.25 (+4.91667)" in str(new)
    assert "DIFFERS from the answer of" in str(new)
    assert "on version 1; changed since: the data or what they mean" in str(new)
    assert ">Version 1</th>" in new.html()
    assert ">+4.91667</td>" in new.html()


def test_rows_that_only_one_version_has_are_said(session, files):
    first = session.ask("mean age by sex")
    (files / "trial.csv").write_text(CSV.replace(",m,", ",x,"))
    session.upload(files / "trial.csv")

    new = session.rerun(first.run_id, on_latest=True)

    found = new.differences.frame.group_by("found").agg(pl.col("group").unique())
    by = {row["found"]: row["group"] for row in found.to_dicts()}
    assert by == {"only before": ["sex = male"], "only after": ["sex = x"]}
    assert "only in Version 1" in str(new)
    assert "only in Version 2" in str(new)


def test_what_the_data_did_not_change_is_said_to_be_the_same(session, files):
    first = session.ask("mean age by sex")
    (files / "trial.csv").write_text(CSV.replace("71.5", "72.5"))
    session.upload(files / "trial.csv")

    new = session.rerun(first.run_id, on_latest=True)

    assert "every number equals the answer of" in str(new)
    assert "on version 1 to the last bit" in str(new)
    assert "Version 1 and Version 2: all 24 statistics are the same." in str(new)


def test_a_number_that_differs_on_the_same_version_names_the_library_and_the_method(session):
    first = session.ask("mean age by sex")

    def change(kept):
        kept["versions"] |= {"scipy": "0.0.1", "method": "describe/0"}
        for row in kept["result"]["statistics"]:
            if row["stat_name"] == "mean":
                row["stat"] = math.nextafter(row["stat"], 1000)

    rewrite(session, first, change)

    again = session.rerun(first.run_id)

    assert "it DIFFERS from the answer of" in str(again)
    assert "scipy 0.0.1 → " in str(again)
    assert "method describe/0 → describe/" in str(again)
    assert set(again.differences.frame["statistic"]) == {"mean"}
    assert "60.33333333333334 → 60.333333333333336" in str(again)  # six digits would show no difference


def test_an_answer_of_an_older_method_is_found_by_its_own_key_and_the_method_is_named(session, monkeypatch):
    monkeypatch.setattr(run, "method_version", lambda _plan: "describe/3")
    first = session.ask("mean age by sex")
    monkeypatch.undo()
    rewrite(session, first, lambda kept: kept["versions"].pop("method"))  # as older stores kept it

    again = session.rerun(first.run_id)

    assert again.run_key != first.run_key
    assert "every number equals the answer of" in str(again)
    assert "although these changed since: the method, now describe/" in str(again)


def test_an_answer_that_is_not_kept_is_not_said_to_be_the_same(session):
    first = session.ask("mean age by sex")
    (session.home / "results" / f"{first.run_key}.json").unlink()

    again = session.rerun(first.run_id)

    assert "the earlier answer is not kept any more" in str(again)
    assert "equals" not in str(again)


def test_a_run_of_a_deleted_version_is_refused_there_and_answered_on_the_latest(session, files):
    first = session.ask("mean age by sex")
    (files / "trial.csv").write_text(CSV + "7,f,80,60\n")
    session.upload(files / "trial.csv")
    session.drop("trial", 1)

    with pytest.raises(ClinicalError, match="no longer has that version"):
        session.rerun(first.run_id)
    new = session.rerun(first.run_id, on_latest=True)

    assert "the version that it was asked of was deleted" in str(new)
    assert new.differences is None


def test_what_people_called_their_levels_is_escaped_and_a_zeros_sign_is_a_difference():
    def result(level, stat):
        return Result((Statistic("age", "mean", "mean", stat, "continuous", group1="arm", group1_level=level),), ())

    table = find_differences(result("<b>", 0.0), result("<b>", -0.0), ("one", "two"), Dictionary(tables={}), "trial")

    assert "&lt;b&gt;" in table.html()
    assert "<b>" not in table.html()
    assert table.frame.height == 1


def test_many_rows_are_cut_where_they_are_shown_and_whole_in_the_frame():
    def result(stat):
        rows = (Statistic("age", f"s{at}", f"s{at}", stat, "continuous") for at in range(300))
        return Result(tuple(rows), ())

    table = find_differences(result(1.0), result(2.0), ("one", "two"), Dictionary(tables={}), "trial")

    assert "… and 260 more" in str(table)
    assert "… and 100 more" in table.html()
    assert table.frame.height == 300


def test_under_a_profile_two_versions_are_compared_as_they_are_shown(session, files):
    rows = "".join(f"{number},{'fm'[number % 2]},{40 + number % 30},{60 + number % 9}\n" for number in range(60))
    (files / "trial.csv").write_text(f"id,sex,age,weight\n{rows}")
    session.upload(files / "trial.csv")
    first = session.ask("how many by sex")
    (files / "trial.csv").write_text(f"id,sex,age,weight\n{rows}60,f,50,60\n")
    session.upload(files / "trial.csv")

    assert session.rerun(first.run_id, on_latest=True).differences.frame.height > 0
    session.disclosure("cms11")
    guarded = session.rerun(first.run_id, on_latest=True)

    both = guarded.differences.frame.drop_nulls(["before", "after"])
    assert not any(abs(change) in range(1, 11) for change in both["change"]), str(guarded)
    assert "(+1)" not in str(guarded)


def test_under_a_profile_what_was_answered_under_none_is_exported_without_its_result(session, tmp_path):
    session.ask("mean age")
    assert "- Result: " in session.export_history(tmp_path / "open.md").read_text(encoding="utf-8")

    session.disclosure("cms11")
    text = session.export_history(tmp_path / "guarded.md").read_text(encoding="utf-8")

    assert "- Result: mean" not in text
    assert "mean age" in text
