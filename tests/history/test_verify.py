"""The chain as an inspector meets it: whole after any honest use, and each way to forge it found, with its place."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical_nb.errors import ClinicalError, HistoryError
from clinical_nb.history.chain import KEY_ELSEWHERE, START, Link, canonical, chained, key_file, link_of, parse, read_key
from clinical_nb.history.events import Forgetting, Outcome, Question, to_entry
from clinical_nb.history.logger import QueryLogger, history_files, history_lines
from clinical_nb.history.record import read_runs
from clinical_nb.history.verify import verify

OLDER = b'{"at":"2026-01-01T00:00:00.000000+00:00","event":"result","run_id":"old","schema":1,"summary":"5 rows"}\n'


def asked(run_id: str, text: str = "how many women") -> Question:
    return Question(run_id, "trial", "0123456789abcdef", text, "answered", "Number of rows where sex = female.")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "store" / "history"
    logger = QueryLogger(folder)
    for number in range(1, 11):
        logger.log(asked(f"run{number}"), Outcome(f"run{number}", f"{number} rows"))
    return folder


def lines_of(folder: Path) -> list[bytes]:
    return [line for file in history_files(folder) for line in file.read_bytes().splitlines(keepends=True)]


def write(folder: Path, lines: list[bytes]) -> None:
    (file,) = history_files(folder)
    file.write_bytes(b"".join(lines))


def rechained(lines: list[bytes], key: bytes) -> list[bytes]:
    """What a forger without the key can do: the same hashes, with a key of her own."""
    link, forged = START, list[bytes]()
    for line in lines:
        entry = {name: value for name, value in parse(line).items() if name not in {"number", "hash"}}
        made, link = chained(entry, link, key)
        forged.append(made)
    return forged


def test_a_history_that_nobody_touched_is_whole(folder):
    verdict = verify(folder)

    assert verdict.problems == ()
    assert (verdict.entries, verdict.head.number) == (20, 20)
    assert str(verdict).startswith("The history is whole: 20 entries, nothing changed, moved or missing.")


def test_no_history_is_whole_and_empty(tmp_path):
    assert str(verify(tmp_path / "history")).startswith("The history is whole: 0 entries")


def test_the_hash_is_an_hmac_over_the_line_before_and_the_canonical_rest(folder):
    first, second = (json.loads(line) for line in lines_of(folder)[:2])
    digest = second.pop("hash")
    text = json.dumps(second, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = bytes.fromhex(key_file(folder).read_text())

    assert digest == hmac.new(key, bytes.fromhex(first["hash"]) + text.encode(), hashlib.sha256).hexdigest()


def test_a_hash_that_was_moved_within_its_line_is_found(folder):
    lines = lines_of(folder)
    entry = json.loads(lines[4])
    moved = {**{name: value for name, value in entry.items() if name != "hash"}, "hash": entry["hash"]}
    first = {"hash": entry["hash"], **entry}
    for forged in (moved, first):
        text = json.dumps(forged, separators=(",", ":"), ensure_ascii=False)
        write(folder, [*lines[:4], text.encode() + b"\n", *lines[5:]])

        assert verify(folder).problems[0].startswith("queries-000001.jsonl, line 5, entry 5 was changed")


def test_what_another_notebook_writes_while_it_is_verified_is_not_missing(folder, monkeypatch):
    def read_late(folder):
        lines = list(history_lines(folder))
        QueryLogger(folder).log(asked("late"))
        return lines

    monkeypatch.setattr("clinical_nb.history.verify.history_lines", read_late)

    assert verify(folder).problems == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"summary":"3 rows"', b'"summary":"4 rows"'), (b'"run_id":"run3"', b'"run_id":"run4"'), (b":", b": ")],
)
def test_an_edited_line_is_found(folder, old, new):
    lines = lines_of(folder)
    lines[5] = lines[5].replace(old, new)
    write(folder, lines)

    assert verify(folder).problems == (
        "queries-000001.jsonl, line 6, entry 6 was changed, or was not written with the key.",
    )


def test_a_line_that_is_edited_to_no_json_is_found(folder):
    lines = lines_of(folder)
    lines[5] = b"scratched out\n"
    write(folder, lines)

    assert verify(folder).problems == (
        "queries-000001.jsonl, line 6, is torn or not JSON.",
        "Before queries-000001.jsonl, line 7: entry 6 is missing.",
    )


def test_a_line_taken_out_is_found(folder):
    lines = lines_of(folder)
    write(folder, [*lines[:5], *lines[8:]])

    assert verify(folder).problems == ("Before queries-000001.jsonl, line 6: entries 6 to 8 are missing.",)


def test_lines_in_another_order_are_found(folder):
    lines = lines_of(folder)
    write(folder, [*lines[:5], lines[6], lines[5], *lines[7:]])

    assert verify(folder).problems == (
        "Before queries-000001.jsonl, line 6: entry 6 is missing.",
        "queries-000001.jsonl, line 7, is entry 6 and stands behind entry 7.",
    )


def test_a_line_that_stands_twice_is_found(folder):
    lines = lines_of(folder)
    write(folder, [*lines[:6], lines[5], *lines[6:]])

    assert verify(folder).problems == ("queries-000001.jsonl, line 7, is entry 6 and stands behind entry 6.",)


@pytest.mark.parametrize("kept", [0, 1, 19])
def test_a_tail_that_was_cut_is_found(folder, kept):
    write(folder, lines_of(folder)[:kept])

    missing = "entry 20 is" if kept == 19 else f"entries {kept + 1} to 20 are"
    assert verify(folder).problems == (f"At the end: {missing} missing.",)


def test_a_tail_that_was_cut_stays_found_when_the_history_goes_on(folder):
    write(folder, lines_of(folder)[:15])
    QueryLogger(folder).log(asked("after"))

    assert verify(folder).problems == ("Before queries-000001.jsonl, line 16: entries 16 to 20 are missing.",)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_file_that_was_removed_is_found(tmp_path, monkeypatch, which):
    monkeypatch.setattr("clinical_nb.history.logger.ENTRIES_PER_FILE", 4)
    logger = QueryLogger(tmp_path / "history")
    for number in range(12):
        logger.log(asked(f"run{number}"))
    history_files(tmp_path / "history")[which].unlink()

    where = ("Before queries-000002.jsonl, line 1", "Before queries-000003.jsonl, line 1", "At the end")[which]
    first = 4 * which + 1
    assert verify(tmp_path / "history").problems == (f"{where}: entries {first} to {first + 3} are missing.",)


def test_a_chain_that_was_made_anew_without_the_key_is_found(folder):
    write(folder, rechained(lines_of(folder), b"a key of the forger's"))

    verdict = verify(folder)

    assert len(verdict.problems) == 21  # every line, and the note of the last
    assert verdict.problems[0] == "queries-000001.jsonl, line 1, entry 1 was changed, or was not written with the key."
    assert verdict.problems[-1] == "Entry 20 is not the one that was noted when it was written."
    assert str(verdict).count("\n- ") == 20
    assert "… and 1 more." in str(verdict)


def test_a_key_that_was_removed_is_told_and_never_makes_the_history_whole(folder):
    key_file(folder).unlink()
    assert verify(folder).problems == ("The key 'history.key' is gone: nothing can be checked.",)

    QueryLogger(folder).log(asked("after"))

    assert not verify(folder).is_whole
    assert any("on another key was used" in problem for problem in verify(folder).problems)


@pytest.mark.parametrize("forged", [None, "20 " + "0" * 64 + " " + "0" * 64, "nonsense"])
def test_a_note_of_the_end_that_was_removed_or_forged_is_found(folder, forged):
    anchor = folder.with_name("history.anchor")
    anchor.unlink()
    if forged:
        anchor.write_text(forged)

    assert verify(folder).problems == (
        "The note of where the chain stood is lost or forged: its end may have been cut.",
    )


@pytest.mark.parametrize("kept", [0, 15])
def test_a_note_that_was_removed_with_the_end_stays_found_when_the_history_goes_on(folder, kept):
    write(folder, lines_of(folder)[:kept])
    folder.with_name("history.anchor").unlink()
    for number in range(3):
        QueryLogger(folder).log(asked(f"after{number}"))

    where = f"queries-000001.jsonl, line {kept + 1}"
    assert verify(folder).problems == (
        f"Before {where}, the note of where the chain stood was gone: its end may be cut.",
    )


def test_a_chain_that_was_made_to_look_older_than_chains_is_found(folder):
    bare = [{k: v for k, v in parse(line).items() if k not in {"number", "hash"}} for line in lines_of(folder)]
    write(folder, [canonical(entry).replace(b"10 rows", b"99 rows") + b"\n" for entry in bare])
    folder.with_name("history.anchor").unlink()
    QueryLogger(folder).log(asked("after"))

    assert not verify(folder).is_whole


def test_older_lines_that_no_entry_tells_of_are_found(folder):
    write(folder, [OLDER * 3, *lines_of(folder)])

    assert verify(folder).problems == ("3 older lines stand before the chain, and no entry tells of them.",)


@pytest.mark.parametrize("linked", [False, True])
def test_a_clearing_that_was_forged_without_the_key_is_found(folder, linked):
    lines = lines_of(folder)
    last = parse(lines[9])
    forged = to_entry(Forgetting("forged", "2026-11-27", 10, last["hash"]), datetime.now(UTC))
    line = chained(forged, Link(20, parse(lines[-1])["hash"]), b"of the forger's")[0] if linked else canonical(forged)
    write(folder, [*lines[10:], line + b"\n"] if linked else [line + b"\n", *lines[10:]])

    problem = "The entry that says up to 10 all were cleared was not written with the key."
    assert problem in verify(folder).problems


def test_a_line_that_is_nested_deeper_than_anyone_writes_is_found(folder):
    deep = b'{"a":' + b"[" * 700 + b"]" * 700 + b',"hash":"' + b"a" * 64 + b'","number":21}\n'
    write(folder, [*lines_of(folder), deep])

    assert not verify(folder).is_whole


def test_a_note_that_a_power_cut_left_behind_is_no_problem(folder):
    anchor = folder.with_name("history.anchor")
    before = anchor.read_bytes()
    QueryLogger(folder).log(asked("after"))
    anchor.write_bytes(before)

    assert verify(folder).is_whole
    QueryLogger(folder).log(asked("and after"))
    assert verify(folder).is_whole


def test_a_seal_finds_an_older_copy_of_the_whole_store(folder):
    home = folder.parent
    older = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    QueryLogger(folder).log(asked("after"))
    seal = verify(folder).seal
    assert verify(folder, seal).notes == ("It still holds entry 21 as it was sealed.",)

    for file, content in older.items():
        file.write_bytes(content)

    assert verify(folder).is_whole  # by itself it is
    assert verify(folder, seal).problems == ("Entry 21 is not the one that was sealed: the history is another one.",)


@pytest.mark.parametrize("seal", ["7", "x-1", "7-" + "g" * 32, "-", "7-abc"])
def test_what_is_no_seal_is_told(folder, seal):
    with pytest.raises(ClinicalError, match="is not a seal"):
        verify(folder, seal)


def test_lines_from_before_there_was_a_chain_are_kept_and_held_by_it(tmp_path):
    folder = tmp_path / "history"
    folder.mkdir()
    (folder / "queries-000001.jsonl").write_bytes(OLDER * 3)
    QueryLogger(folder).log(asked("new"))

    verdict = verify(folder)
    assert verdict.problems == ()
    assert verdict.notes == ("The first 3 are from before there was a chain, and as they were then.",)

    lines = lines_of(folder)
    write(folder, [lines[0].replace(b"5 rows", b"6 rows"), *lines[1:]])
    assert verify(folder).problems == ("The 3 older lines, from before there was a chain, were changed.",)


def test_a_line_of_no_chain_behind_the_chain_is_found(folder):
    write(folder, [*lines_of(folder), OLDER])

    assert verify(folder).problems == ("queries-000001.jsonl, line 21, is of no chain, and stands behind entry 20.",)


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_torn_end_is_repaired_and_noted(folder, cut):
    # a killed process wrote part of a line, and did not come to noting where the chain then stands
    anchor = folder.with_name("history.anchor")
    before = anchor.read_bytes()
    QueryLogger(folder).log(asked("torn"))
    anchor.write_bytes(before)
    (file,) = history_files(folder)
    file.write_bytes(file.read_bytes()[:-cut])

    QueryLogger(folder).log(asked("after"))

    verdict = verify(folder)
    assert verdict.problems == ()
    runs = [run.run_id for run in read_runs(folder).runs]
    if cut == 1:  # only the newline was missing: nothing is lost
        assert runs[-2:] == ["torn", "after"]
        assert verdict.notes == ()
    else:
        assert runs[-1] == "after"
        assert "torn" not in runs
        assert "bytes that a killed process had left behind were taken away" in verdict.notes[0]
        assert read_runs(folder).runs[-2].status == "repaired"


def test_the_key_may_be_kept_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_ELSEWHERE, str(tmp_path / "safe.key"))
    folder = tmp_path / "store" / "history"
    QueryLogger(folder).log(asked("r"))

    assert verify(folder).is_whole
    assert sorted(path.name for path in folder.parent.iterdir()) == ["history", "history.anchor"]
    assert (tmp_path / "safe.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_cannot_be_read_is_told_in_a_sentence(folder):
    key_file(folder).unlink()
    key_file(folder).mkdir()

    with pytest.raises(HistoryError, match="cannot be read"):
        verify(folder)


def test_a_damaged_key_is_put_aside_not_overwritten(folder):
    key_file(folder).write_text("not a key")

    QueryLogger(folder).log(asked("after"))

    assert [file.read_text() for file in folder.parent.glob("history.key.damaged-*")] == ["not a key"]
    assert read_key(folder) is not None
    assert not verify(folder).is_whole


ENTRIES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=9,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), ENTRIES))
def test_the_canonical_form_does_not_depend_on_the_order_of_keys(entry):
    assert canonical(dict(reversed(entry.items()))) == canonical(entry)


def test_keys_are_sorted_as_rfc_8785_says():
    # its example, section 3.2.3: in the order of UTF-16 units the emoji comes before the Hebrew letter
    entry = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}

    assert list(json.loads(canonical(entry)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_a_float_is_refused():
    with pytest.raises(ValueError, match="holds a float"):
        chained({"plan": [{"threshold": 2.5}]}, START, b"key")


def test_a_link_is_a_number_and_64_digits():
    assert link_of({"number": 1, "hash": "a" * 64}) is not None
    for number, digest in ((0, "a" * 64), (True, "a" * 64), (1, "A" * 64), (1, "a" * 63), ("1", "a" * 64)):
        assert link_of({"number": number, "hash": digest}) is None
