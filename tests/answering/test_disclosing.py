"""What is said of data under a disclosure profile: sentences without counts, and names as they are."""

import pytest

from clinical_nb.answering.disclosing import say
from clinical_nb.disclosure.profile import PROFILES


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Nothing shows rows under cms11.", "Nothing shows rows under cms11."),
        ("The model 'qwen2.5' suggests 3 readings.", "The model 'qwen2.5' suggests … readings."),
        ("3 rows of 1,204 (12.5 %) have none.", "… rows of … (… %) have none."),
        ("Site 3_UK has 7.", "Site 3_UK has …."),
        ("n=4, N=5", "n=…, N=…"),
    ],
)
def test_numbers_are_masked_and_digits_of_names_are_not(sentence, told):
    assert say(sentence, PROFILES["cms11"]) == told
    assert say(sentence, None) == sentence
