"""What is told reaches the innermost listener, and nobody once the block is left."""

from clinical_nb.doing import listening, tell


def test_what_is_told_reaches_the_innermost_listener():
    outer: list[str] = []
    inner: list[str] = []

    tell("to nobody")
    with listening(outer.append):
        tell("one")
        with listening(inner.append):
            tell("two")
        tell("three")
    tell("to nobody")

    assert (outer, inner) == (["one", "three"], ["two"])
