"""No dataset's own words are in the code that reads questions: only those of medicine, statistics and its standards."""

import ast
import tomllib
from pathlib import Path

from clinical_nb.ask.language.lexicon import lexicon

HERE = Path(__file__).parent
ASK = HERE.parent.parent / "clinical_nb" / "ask"
# Names, labels and levels of the real datasets that questions are tried on, each of three letters or more.
OF_DATASETS = set((HERE / "dataset_words.txt").read_text(encoding="utf-8").splitlines())
# What any study may have: the field's words and laboratory abbreviations; beside them names of CDISC's standard.
GENERAL = {
    "adverse event", "age", "age at registration", "alkaline phosphatase", "arm", "ast", "bili", "caucasian",
    "causality", "censored", "chol", "completed", "data", "day", "death", "died", "dob", "edema", "ethnic", "ethnicity",
    "fatal", "female", "gender", "hispanic", "hispanic or latino", "inpatient", "male", "mild", "moderate", "none",
    "other", "outcome", "outpatient", "placebo", "platelet", "possible", "probable", "prothrombin time", "protime",
    "risk", "severe", "sex", "site", "status", "time", "treatment", "trig", "type", "variables", "visit", "white",
    "yes",
}  # fmt: skip
STANDARD = {
    "adae", "analysis value", "aval", "param", "paramcd", "parameter", "parameter code", "parameter description",
    "trt", "trt01a", "trt01p", "trta", "trtp",
}  # fmt: skip


def texts_of(value):
    if isinstance(value, str):
        yield value.casefold()
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_of(each)


def texts_in_code():
    """Return every text that the code or the lexicons have, but for docstrings and sentences of several lines."""
    found = set()
    for file in ASK.glob("*.toml"):
        found.update(texts_of(tomllib.loads(file.read_text(encoding="utf-8"))))
    for file in ASK.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                found.add(node.value.casefold())
    return found


def test_no_words_of_a_dataset_are_in_the_code():
    labels = {label.casefold() for label in lexicon().names.values()}  # which the standard gives

    assert texts_in_code() & OF_DATASETS - GENERAL - STANDARD - labels == set()


def test_the_words_of_datasets_are_all_there():
    assert len(OF_DATASETS) > 500
    assert {"application site pruritus", "trtemfl"} & OF_DATASETS
