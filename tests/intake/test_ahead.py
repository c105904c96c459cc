"""Pieces parsed ahead of who takes them: in their order, with what is wrong in one raised at its turn."""

import threading

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.ahead import parse_ahead
from clinical_nb.intake.pieces import Piece


def pieces(count, error=None):
    for number in range(count):
        yield Piece(str(number).encode(), number, is_last=number == count - 1)
    if error:
        raise error


def test_each_piece_comes_in_its_turn_with_what_was_made_of_it():
    found = list(parse_ahead(pieces(20), lambda piece: lambda: piece.data * 2))

    assert [piece.line for piece, _ in found] == list(range(20))
    assert [parsed.result() for _, parsed in found] == [str(number).encode() * 2 for number in range(20)]


def test_nothing_is_parsed_before_it_is_known_how():
    known = []
    taken = []

    for piece, parsed in parse_ahead(pieces(12), lambda _: (lambda: known[-1]) if known else None):
        taken.append((piece.line, parsed and parsed.result()))
        known.append(piece.line)

    assert taken[0] == (0, None)
    assert all(parsed is not None and parsed < line for line, parsed in taken[1:])


def test_what_is_wrong_in_a_later_piece_is_raised_at_its_turn():
    taken = []

    found = parse_ahead(pieces(3, FileError("x.csv", "is damaged", "")), lambda _: None)
    with pytest.raises(FileError, match="is damaged"):
        taken.extend(piece.line for piece, _ in found)

    assert taken == [0, 1, 2]


def test_who_stops_early_waits_for_no_more_than_what_is_begun():
    begun = []
    gate = threading.Event()

    def begin(piece):
        def parse():
            begun.append(piece.line)
            gate.wait(10)

        return parse

    found = parse_ahead(pieces(1000), begin)
    next(found)
    gate.set()
    found.close()

    assert len(begun) < 10
