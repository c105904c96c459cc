"""What changed is said in a few lines, as text and as HTML, in which nothing from outside is markup."""

from datetime import UTC, datetime

import pytest

from clinical_nb.changes.report import Changes
from clinical_nb.changes.values import (
    ColumnChanges,
    KeyFault,
    LevelChanges,
    MeaningChange,
    Retyped,
    RowChanges,
    Side,
    TableChanges,
)

ONE = Side(1, "3a1f000011112222", datetime(2026, 1, 2, tzinfo=UTC))
TWO = Side(2, "beef000011112222", datetime(2026, 1, 3, tzinfo=UTC))
MATCHED = RowChanges(("patient_id",), 12, 3, 7, 595, {"weight": 5, "arm": 2})
WHOLE = RowChanges((), 5, 3, 0, 590)


def said(*tables: TableChanges, added: tuple[str, ...] = (), gone: tuple[str, ...] = ()) -> list[str]:
    return str(Changes("trial", ONE, TWO, added, gone, tables)).splitlines()[1:]


def table(**more: object) -> TableChanges:
    return TableChanges("trial", 605, 614, **{"content_is_same": False, "rows": MATCHED, **more})


def test_both_versions_are_named_with_hash_and_time():
    title = str(Changes("trial", ONE, TWO, (), (), (table(),))).splitlines()[0]

    assert title.startswith("trial: version 1 (3a1f0000, 2026-01-0")
    assert "→ version 2 (beef0000, " in title


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (
            {"columns": ColumnChanges({"bmi": "float"}, {"visit": "date"}, (Retyped("age", "integer", "float"),))},
            "  Columns: 3 changed: + bmi (float), \u2212 visit (date), age integer → float",
        ),
        (
            {"meaning": (MeaningChange("w", "unit", "kg", "lb"), MeaningChange("arm", "code 3", "", "both"))},
            "  Dictionary: w: unit 'kg' → 'lb'; arm: code 3 'both' (new)",
        ),
        ({"meaning": (MeaningChange("arm", "code 3", "both", ""),)}, "  Dictionary: arm: code 3 'both' (gone)"),
        ({}, "  Rows by patient_id: 12 added, 3 removed, 7 changed (weight 5, arm 2), 595 as before"),
        (
            {"columns": ColumnChanges({"bmi": "float"})},
            (
                "  Rows by patient_id: 12 added, 3 removed, 7 changed (weight 5, arm 2), 595 as before, "
                "in the columns that both have"
            ),
        ),
        ({"rows": WHOLE}, "  Rows: 3 only in version 1, 5 only in version 2, 590 in both"),
        (
            {"rows": WHOLE},
            (
                "  No key: no column that both versions have identifies a row. Rows were compared whole: one that "
                "changed counts as one gone and one new"
            ),
        ),
        ({"rows": None, "content_is_same": True}, "  Rows: the same 614 as before"),
        ({"rows": None}, "  Rows: 605 before, 614 now; no column is in both versions"),
        (
            {
                "levels": (
                    LevelChanges("arm", {"drug b": "drug b"}, {}),
                    LevelChanges("sex", {"3": "other"}, {"2": "m"}),
                )
            },
            "  Levels that appeared: arm: 'drug b'; sex: '3' (other)",
        ),
        ({"levels": (LevelChanges("sex", {}, {"2": "m"}),)}, "  Levels that are gone: sex: '2' (m)"),
    ],
)
def test_each_change_has_its_line(changed, line):
    assert line in said(table(**changed))


def test_what_did_not_change_has_no_line():
    assert [line.split(":")[0] for line in said(table())] == ["  Rows by patient_id"]


def test_why_there_is_no_key_is_counted():
    faults = (KeyFault("patient_id", 1, 12, 0), KeyFault("patient_id", 2, 2, 1))

    lines = said(table(rows=RowChanges((), 5, 3, 0, 590, faults=faults)))

    assert lines[1].startswith(
        "  No key: in version 1, patient_id repeats in 12 rows; in version 2, patient_id repeats in 2 rows and is "
        "missing in 1."
    )


def test_of_several_tables_each_line_says_which():
    visits = TableChanges("visits", 3, 3, content_is_same=True)

    assert said(table(), visits, added=("labs",), gone=("sites",)) == [
        "  Tables added: labs",
        "  Tables gone: sites",
        "  trial, rows by patient_id: 12 added, 3 removed, 7 changed (weight 5, arm 2), 595 as before",
        "  visits, rows: the same 3 as before",
    ]


def test_of_many_names_the_first_twelve_are_shown():
    (line, *_) = said(table(columns=ColumnChanges({f"c{number}": "text" for number in range(20)})))

    assert line.startswith("  Columns: 20 changed: + c0 (text), ")
    assert line.endswith("+ c11 (text) and 8 more")


def test_a_version_compared_with_itself_or_with_its_equal_says_so():
    again = Side(3, TWO.version, ONE.created)

    itself, equal = Changes("trial", TWO, TWO, (), (), ()), Changes("trial", TWO, again, (), (), ())

    assert str(itself).startswith("trial: version 2 (beef0000, ")
    assert str(itself).endswith(") compared with itself: nothing differs.")
    assert str(equal) == "trial: versions 2 and 3 hold the same, to the last value (beef0000)."


def test_nothing_from_outside_is_markup_or_a_line_of_its_own():
    bad = "<script>\nx</script>"
    changes = Changes(
        bad,
        ONE,
        TWO,
        (bad,),
        (bad,),
        (
            TableChanges(
                bad,
                1,
                1,
                content_is_same=False,
                columns=ColumnChanges({bad: "text"}, {}, (Retyped(bad, "a", "b"),)),
                meaning=(MeaningChange(bad, "label", bad, bad),),
                rows=RowChanges((bad,), 0, 0, 1, 0, {bad: 1}),
                levels=(LevelChanges(bad, {bad: bad}, {bad: bad}),),
            ),
        ),
    )

    html, text = changes.html(), str(changes)

    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 10
    assert len(text.splitlines()) == 8
    assert changes._repr_html_() == html
