"""Names in one sentence: few of them, on one line, and none left out in silence."""

import pytest

from clinical_nb.enumeration import enumerate_few, enumerate_names


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"], "'a'"),
        (["a", "two\nlines"], "'a', 'two lines'"),
        (list("abcde"), "'a', 'b', 'c', 'd', 'e'"),
        (list("abcdefg"), "'a', 'b', 'c', 'd', 'e' and 2 more"),
    ],
)
def test_the_first_five_names_are_said_and_how_many_more_there_are(names, said):
    assert enumerate_names(names) == said


def test_another_number_of_them_and_another_sign_between_are_said():
    assert enumerate_few([str(number) for number in range(2_000)], 2, "; ") == "0; 1 and 1,998 more"
