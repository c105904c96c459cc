"""Codebooks in the layouts that people and programs write, as a dictionary file."""

import polars as pl
import pytest

from clinical_nb.dictionary.declared import declare, unknown_columns
from clinical_nb.dictionary.files import DictionaryFile
from clinical_nb.dictionary.inference import infer
from clinical_nb.dictionary.layouts import describes, is_codebook, split_pairs

REDCAP = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number",'
    '"Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)"\n'
    "record_id,base,,text,Record ID,,,,,,,\n"
    "dob,base,,text,Date of birth,,,date_ymd,,,y,\n"
    'sex,base,,radio,"<b>Sex</b> at birth","1, Male | 2, Female",,,,,,\n'
    "weight,base,,text,Body weight,,kg,number,30,200,,\n"
    "children,base,,text,Children,,,integer,0,20,,\n"
    'smoke,base,,dropdown,"Smoking; ever?","1, Never, ever | 2, Current; daily | 9, Unknown",,,,,,\n'
    'symptoms,base,,checkbox,Symptoms,"1, Fever | 2, Cough | -9, Other",,,,,,\n'
    "consent,base,,yesno,Consent given,,,,,,,\n"
    "name,base,,text,Name,,,,,,y,\n"
    "intro,base,,descriptive,Welcome,,,,,,,\n"
)
EXPORT = pl.DataFrame(
    {
        "record_id": [1, 2, 3, 4],
        "dob": ["1950-01-02", "1960-03-04", "1955-05-06", "1955-05-07"],
        "sex": [1, 2, 2, 1],
        "weight": [70.5, 80.0, 77.0, 90.0],
        "children": [1, 0, 1, 0],
        "smoke": [2, 1, 9, 1],
        "symptoms___1": [0, 1, 0, 1],
        "symptoms___2": [1, 1, 0, 0],
        "symptoms____9": [0, 0, 0, 0],
        "consent": [1, 1, 0, 1],
        "name": ["Ann", "Bob", "Ann", "Bob"],
        "base_complete": [2, 2, 0, 2],
    }
).with_columns(pl.col("dob").str.to_date())


def declared(text, table, name="d.csv"):
    return declare(infer({"t": table}), DictionaryFile(name, text)).tables["t"]


def levels(column):
    return {level.value: level.label for level in column.levels}


def test_a_redcap_data_dictionary_says_what_its_export_means():
    columns = declared(REDCAP, EXPORT)

    assert columns["record_id"].kind == "identifier"
    assert columns["dob"].kind == "date"
    assert (columns["sex"].label, levels(columns["sex"])) == ("Sex at birth", {1: "Male", 2: "Female"})
    assert (columns["weight"].kind, columns["weight"].unit) == ("numeric", "kg")
    assert columns["children"].kind == "numeric"
    assert levels(columns["smoke"]) == {1: "Never, ever", 2: "Current; daily"}
    assert [(code.value, code.reason) for code in columns["smoke"].missing] == [(9, "Unknown")]
    assert columns["symptoms___1"].label == "Symptoms: Fever"
    assert levels(columns["symptoms____9"]) == {0: "no", 1: "yes"}
    assert (columns["symptoms____9"].kind, columns["symptoms____9"].label) == ("binary", "Symptoms: Other")
    assert levels(columns["consent"]) == {1: "Yes", 0: "No"}
    assert columns["name"].kind == "text"
    assert levels(columns["base_complete"])[2] == "Complete"


def test_fields_that_an_export_never_has_are_not_missed():
    table = EXPORT.drop("base_complete", "children")

    assert unknown_columns(infer({"t": table}), DictionaryFile("d.csv", REDCAP)) == ("children",)


def test_an_export_of_labels_is_declared_by_them():
    table = pl.DataFrame({"sex": ["Male", "Female", "Male", "Female"]})

    assert levels(declared(REDCAP, table)["sex"]) == {"Male": "Male", "Female": "Female"}


@pytest.mark.parametrize(
    "text",
    [
        'variable,label,values\nsex,Sex of patient,"1=Male, 2=Female"\n',
        "Field;Description;Code list\nSEX;Sex of patient;1 = Male | 2 = Female\n",
        'name,description,type,codes\nsex,Sex of patient,factor,"1: Male; 2: Female"\n',
        'Variable Name,Variable Label,Value Labels\nsex,Sex of patient,"1. Male 2. Female"\n',
        "variable,description,value,value label\nsex,Sex of patient,1,Male\n,,2,Female\n",
        "column,meaning,codes_or_units\nsex,Sex of patient,1=Male; 2=Female\n",
        'item\tquestion\toptions\nsex\tSex of patient\t"1, Male | 2, Female"\n',
    ],
)
def test_common_layouts_say_the_same(text):
    sex = declared(text, pl.DataFrame({"sex": [1, 2, 1, 2]}))["sex"]

    assert (sex.label, sex.kind, levels(sex)) == ("Sex of patient", "binary", {1: "Male", 2: "Female"})


def test_units_make_numbers_of_codes():
    table = pl.DataFrame({"bmi": [20, 21, 20, 21, 22, 22]})

    bmi = declared("name,description,type,units\nbmi,Body mass index,numeric,kg/m2\n", table)["bmi"]

    assert (bmi.kind, bmi.unit) == ("numeric", "kg/m2")


def test_words_under_values_that_are_no_codes_are_passed_over():
    column = declared("variable,label,values\nx,X,any positive number\n", pl.DataFrame({"x": [1, 2, 1, 2]}))["x"]

    assert (column.unit, column.kind) == ("", "binary")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("1, Yes | 0, No", ("1=Yes", "0=No")),
        ("M = male; F = female", ("M=male", "F=female")),
        ("0: none, 1: some, or more, 2: all", ("0=none", "1=some, or more", "2=all")),
        ("1=Yes\n2=No", ("1=Yes", "2=No")),
        ("18-90", ()),
        ("free text", ()),
        ("", ()),
    ],
)
def test_codes_are_split_from_their_labels(text, entries):
    assert split_pairs(text) == entries


def test_a_codebook_is_told_by_its_header_and_by_what_it_names():
    assert is_codebook(["Variable", "Label", "Values"])
    assert not is_codebook(["name", "age", "sex"])
    assert describes(["sex", "age", "dose"], ["sex", "age", "arm", "visit"])
    assert describes(["symptoms"], ["symptoms___1", "symptoms___2"])
    assert not describes(["Ann", "Bob"], ["name", "age"])
