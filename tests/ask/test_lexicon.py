"""Each word of the lexicon stands in one place, and each class of words is one that something reads by."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

import clinical_nb.ask
from clinical_nb.ask.language.lexicon import lexicon, phrase_of

ASK = Path(clinical_nb.ask.__file__).parent
FILES = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(ASK.rglob("*.toml"))}
OF_RULES = ("keywords", "words", "asks", "tests", "periods", "dated")  # the parts of files whose classes rules name


def lists_in(part: object, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each list of words below a part of a file, with the names that lead to it."""
    if isinstance(part, dict):
        for key, more in part.items():
            yield from lists_in(more, f"{name}.{key}")
    elif isinstance(part, list) and all(isinstance(each, str) for each in part):
        yield name, part
    elif isinstance(part, list):
        for at, more in enumerate(part):
            yield from lists_in(more, f"{name}.{at}")


def classes() -> list[str]:
    read = [file for name, file in FILES.items() if name != "following.toml"]
    return [name for file in read for part in OF_RULES for name in file.get(part, {})]


@pytest.mark.parametrize("file", FILES)
def test_no_list_says_the_same_words_twice(file):
    said = {name: Counter(map(phrase_of, words)) for name, words in lists_in(FILES[file], file)}

    assert {
        name: [" ".join(each) for each in of if of[each] > 1] for name, of in said.items() if of.total() > len(of)
    } == {}


def test_no_class_of_words_takes_the_place_of_another():
    assert [name for name, times in Counter(classes()).items() if times > 1] == []


@pytest.mark.parametrize("lines", ["synonyms", "units", "rows", "members"])
def test_no_words_stand_for_two_things(lines):
    said = Counter(phrase_of(text) for text in chain.from_iterable(FILES["lexicon.toml"][lines]))

    assert [" ".join(phrase) for phrase, times in said.items() if times > 1] == []


def test_each_class_of_words_is_one_that_rules_name():
    source = "\n".join(path.read_text(encoding="utf-8") for path in ASK.rglob("*.py"))
    named = {*re.findall(r"@(\w+)", source), *re.findall(r'"(\w+)"', source)}
    made = re.findall(r"@\{\w+\}(\w*)", source)  # "@{verb}noun", of words that the code names

    assert [
        name
        for name in classes()
        if name not in named | lexicon().typed | lexicon().dated
        and not any(end and name.endswith(end) and name.removesuffix(end) in named for end in made)
    ] == []
