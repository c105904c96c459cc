"""A question about what an earlier version had is not just refused: it is told which version has it."""

from collections.abc import Iterator

import pytest

from clinical_nb.ask.gone import Meaning, tell_gone
from clinical_nb.ask.reading import Declined, Read, Reading, Unclear, read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level

SEX = Column(kind="binary", label="sex", levels=(Level(value="f", label="female"), Level(value="m", label="male")))
NUMBER = Column(kind="numeric")
ALL = {
    "id": Column(kind="identifier"),
    "sex": SEX,
    "age": Column(kind="numeric", label="age at entry", unit="years"),
    "wt": Column(kind="numeric", label="body weight", unit="kg"),
    "gradea": NUMBER,
    "gradeb": NUMBER,
}


def meaning(number: int, *gone: str) -> Meaning:
    columns = {name: column for name, column in ALL.items() if name not in gone}
    return Meaning(number, f"{number}" * 16, Dictionary(tables={"trial": columns}))


def ask(question: str, now: Meaning, *earlier: Meaning) -> Reading:
    read = read_question(question, "trial", now.dictionary)
    return tell_gone(read, question, "trial", now, earlier)


WT = "'wt' (body weight) is not in version 2 of 'trial'; the last version with it is 1 (11111111)."


@pytest.mark.parametrize(
    "question",
    ["mean wt by sex", "mean body weight", "how many women with body weight over 70", "mean body wieght by sex"],
)
def test_a_question_that_the_version_before_reads_is_told_what_is_gone_and_nothing_else(question):
    read = ask(question, meaning(2, "wt"), meaning(1))

    assert isinstance(read, Declined)
    assert read.reason.startswith(WT)
    assert "nothing called" not in read.reason
    assert "not how they belong together" not in read.reason


def test_a_level_or_an_age_without_its_name_names_its_column():
    women = ask("how many women", meaning(2, "sex"), meaning(1))
    old = ask("how many over 65", meaning(2, "age"), meaning(1))

    assert "'sex' is not in version 2" in women.reason
    assert "'age' (age at entry) is not in version 2" in old.reason


def test_what_no_version_reads_is_told_too():
    read = ask("mean flurb by wt", meaning(2, "wt"), meaning(1))

    assert read.reason.startswith(WT)
    assert "These data have nothing called 'flurb'" in read.reason


def test_each_column_is_told_with_the_last_version_that_has_it():
    read = ask("mean wt by sex", meaning(3, "wt", "sex"), meaning(2, "wt"), meaning(1))

    assert "'sex' is not in version 3 of 'trial'; the last version with it is 2 (22222222)." in read.reason
    assert "'wt' (body weight) is not in version 3 of 'trial'; the last version with it is 1 (11111111)." in read.reason


def test_several_columns_of_one_version_are_told_together():
    read = ask("mean wt by sex", meaning(2, "wt", "sex"), meaning(1))

    assert (
        "'sex' and 'wt' (body weight) are not in version 2 of 'trial'; the last version with them is 1" in read.reason
    )


def test_what_was_never_there_is_refused_as_before():
    now = meaning(2, "wt")
    plain = read_question("mean height by sex", "trial", now.dictionary)

    assert isinstance(plain, Declined)
    assert tell_gone(plain, "mean height by sex", "trial", now, [meaning(1)]) == plain


def test_a_slip_that_would_be_read_as_another_column_is_asked_back_where_an_earlier_version_knew_it():
    now = meaning(2, "gradea")

    alone = ask("mean gradea", now)
    read = ask("mean gradea", now, meaning(1))

    assert isinstance(alone, Read)
    assert alone.remarks == ("'gradea' was read as 'gradeb'.",)
    assert isinstance(read, Unclear)
    assert read.plans == (alone.plan,)
    assert read.reason.startswith("'gradea' is not in version 2 of 'trial'; the last version with it is 1")
    assert read.reason.endswith("'gradea' was read as 'gradeb'. Is this meant?")


def test_a_slip_in_another_word_is_read_over_as_before():
    now = meaning(2, "wt")

    read = ask("mean gradeb amnog women", now, meaning(1))

    assert isinstance(read, Read)
    assert read.remarks == ("'amnog' was read as 'among'.",)


def test_a_near_name_that_is_offered_is_said_not_to_be_the_one_that_is_gone():
    columns = {**ALL, "birthwt": Column(kind="numeric", label="weight at birth of the child")}
    del columns["wt"]
    now = Meaning(2, "2" * 16, Dictionary(tables={"trial": columns}))
    before = Meaning(1, "1" * 16, Dictionary(tables={"trial": {**columns, "weight": NUMBER}}))

    read = ask("mean weight by sex", now, before)

    assert isinstance(read, Unclear)
    assert read.reason.startswith("'weight' is not in version 2 of 'trial'")
    assert read.plans


def test_earlier_versions_are_not_looked_at_where_a_question_is_read():
    def refuse() -> Iterator[Meaning]:
        raise AssertionError
        yield

    now = meaning(2, "wt")
    read = read_question("mean age by sex", "trial", now.dictionary)

    assert tell_gone(read, "mean age by sex", "trial", now, refuse()) is read


def test_a_name_that_differs_in_case_only_is_not_gone():
    was = Meaning(1, "1" * 16, Dictionary(tables={"trial": {"WT": ALL["wt"]}}))

    read = ask("mean flurb by wt", meaning(2), was)

    assert "is not in version" not in read.reason
