"""The answer that a person gets: what it is as text, in a notebook, in files and as a script."""

import ast
import io
import json

import polars as pl
import pytest

from clinical_nb.errors import ClinicalError
from clinical_nb.plan import Cohort, Count, OneOf, plan_from_json
from clinical_nb.render.answer import Answer, Choice
from clinical_nb.render.script import write_script
from clinical_nb.result import ARD_SCHEMA, result_from_json

PLAN = Count(Cohort("trial", "trial"))


def test_an_unclear_answer_lists_numbered_readings():
    answer = Answer(
        "pressure?", "unclear", reason="Which pressure?", choices=(Choice(PLAN, "systolic"), Choice(PLAN, "diastolic"))
    )

    assert str(answer) == "Which pressure?\n  1. systolic\n  2. diastolic\nAnswer with its number."
    assert answer.summary == "unclear"


def test_a_declined_answer_gives_its_reason():
    answer = Answer("readmissions?", "declined", reason="These data hold no readmissions.")

    assert str(answer) == "These data hold no readmissions."
    assert (answer.summary, answer.chart(), answer.chart_bundle()) == ("declined", None, None)


def test_an_answer_computed_now_says_so_without_the_time(risk):
    fresh = Answer(
        "q", "answered", "r", risk.plan, risk.result, risk.dictionary, dataset="trial", dataset_version="9f3c"
    )

    assert str(fresh).splitlines()[-1] == "trial 9f3c · computed now"


def test_a_notebook_gets_text_and_a_page_with_the_chart_inside(risk, total):
    bundle = risk._repr_mimebundle_(include=None, exclude=None)

    assert bundle["text/plain"] == str(risk)
    assert risk.html() in bundle["text/html"]
    assert "<img" in bundle["text/html"]
    assert "<img" not in total._repr_mimebundle_()["text/html"]


def test_a_chart_goes_to_the_notebook_with_a_picture_beside_it(risk):
    bundle, metadata = risk.chart_bundle()

    assert 300 < metadata["image/png"]["width"] < 900
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "image/png", "text/plain"}
    assert bundle["application/vnd.vegalite.v5+json"] == risk.chart()
    assert bundle["image/png"].startswith("iVBOR")


def test_text_is_saved_as_it_is_shown(risk, tmp_path):
    path = risk.save(tmp_path / "answer.txt")

    assert path.read_text(encoding="utf-8") == f"{risk}\n"


def test_statistics_are_saved_unrounded(risk, tmp_path):
    path = risk.save(str(tmp_path / "answer.CSV"))

    saved = pl.read_csv(io.BytesIO(path.read_bytes()), schema=ARD_SCHEMA)
    assert saved.equals(risk.result.ard)


def test_plan_and_result_are_saved_as_json_and_come_back(risk, tmp_path):
    data = json.loads(risk.save(tmp_path / "answer.json").read_text(encoding="utf-8"))

    assert plan_from_json(data["plan"]) == risk.plan
    assert result_from_json(data) == risk.result
    assert (data["dataset_version"], data["reading"]) == (risk.dataset_version, risk.reading)


def test_a_page_is_a_whole_document_with_table_and_chart(risk, tmp_path):
    page = risk.save(tmp_path / "answer.html").read_text(encoding="utf-8")

    assert page.startswith("<!doctype html>")
    assert ("<table" in page, "<img" in page, 'charset="utf-8"' in page) == (True, True, True)


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<svg")])
def test_a_chart_is_saved_as_a_picture(suffix, start, risk, tmp_path):
    assert risk.save(tmp_path / f"figure{suffix}").read_bytes().startswith(start)


def test_an_unknown_suffix_is_refused_with_those_that_are_known(risk, tmp_path):
    with pytest.raises(ClinicalError, match=r"'answer\.xyz'.*\.html, \.txt, \.csv, \.json, \.png, \.svg, \.py"):
        risk.save(tmp_path / "answer.xyz")


def test_a_folder_that_is_not_there_is_said(risk, tmp_path):
    with pytest.raises(ClinicalError, match="cannot be written: No such file or directory"):
        risk.save(tmp_path / "nowhere" / "answer.txt")


def test_an_answer_without_a_chart_cannot_be_saved_as_one(total, tmp_path):
    with pytest.raises(ClinicalError, match="no chart"):
        total.save(tmp_path / "answer.png")


@pytest.mark.parametrize("part", ["table", "script"])
def test_what_was_not_answered_has_no_table_and_no_script(part):
    with pytest.raises(ClinicalError, match="was not answered"):
        getattr(Answer("q", "declined", reason="no"), part)()


def test_a_script_names_the_plan_the_version_and_the_dataset(risk, tmp_path):
    tree = ast.parse(risk.save(tmp_path / "answer.py").read_text(encoding="utf-8"))

    named = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    assert plan_from_json(json.loads(named["PLAN"])) == risk.plan
    assert (named["READING"], named["VERSION"]) == (risk.reading, risk.dataset_version)


def test_nothing_that_a_person_supplied_becomes_code():
    evil = '"""\nimport os; os.abort()\n{x}\\'
    plan = Count(Cohort(evil, evil, (OneOf(evil, (evil,)),)))

    tree = ast.parse(write_script(plan, evil, evil))

    imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert imports == ["json", "sys", "clinical_nb"]
    assert evil in constants
