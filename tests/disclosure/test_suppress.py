"""Suppression holds against an attack by linear programming that shares no code with it."""

# ruff: noqa: S311 - tables are generated, not secrets

import random
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clinical_nb.analysis.rows.joining import join_tables
from clinical_nb.analysis.rows.reduction import reduce_to_persons
from clinical_nb.analysis.run import run
from clinical_nb.dictionary.meaning import Column, Dictionary
from clinical_nb.disclosure.crossing import Small, merge, small_sets
from clinical_nb.disclosure.disclose import Known, disclose
from clinical_nb.disclosure.ledger import Entry, entry_from_json, entry_to_json
from clinical_nb.disclosure.profile import PROFILES, Profile
from clinical_nb.disclosure.suppress import Candidate, protect
from clinical_nb.plan import Cohort, Compare, Count, Describe, OneOf, Proportion, TableOne
from clinical_nb.result import SUPPRESSED

sys.path.insert(0, str(Path(__file__).parent))

from attack import COUNTS, Attack, true_count

CMS = PROFILES["cms11"]
LEVELS = {"arm": ("x", "y"), "sex": ("f", "m"), "stage": ("i", "ii", "iii")}
DICTIONARY = Dictionary(tables={"t": {name: Column(kind="categorical") for name in LEVELS}})
ALL = Cohort("d", "t")


def make_rows(chance: random.Random) -> list[dict[str, str | None]]:
    """Between 20 and 240 rows of three columns, some levels rare, some values missing."""
    rare = chance.choice((0.02, 0.05, 0.1, 0.3))
    weights = {"arm": (1, chance.choice((rare, 1))), "sex": (1, chance.choice((rare, 1))), "stage": (1, rare, 1)}
    missing = chance.choice((0, 0, 0.02, 0.1))
    return [
        {name: None if chance.random() < missing else chance.choices(LEVELS[name], weights[name])[0] for name in LEVELS}
        for _ in range(chance.randint(20, 240))
    ]


def show(plan, rows, profile, before):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(LEVELS, pl.String)).lazy()
    result = run(plan, frame, DICTIONARY)
    scan, _ = join_tables(plan, frame, DICTIONARY, {})
    scan, _ = reduce_to_persons(plan, scan)
    return disclose(plan, result, scan, profile, Known("t", before))


def learn(attack, plan, result):  # noqa: C901 - one branch a kind of count
    """Turn each count that is shown into an equation, by its labels alone."""
    where = {each.column: each.values[0] for each in plan.cohort.where}
    if isinstance(plan, TableOne):  # which leaves out those of no known group
        where |= dict.fromkeys(plan.by, "*")
    for each in result.statistics:
        if each.stat is None or each.stat_name not in COUNTS:
            continue
        groups = {
            name: level for name, level in ((each.group1, each.group1_level), (each.group2, each.group2_level)) if level
        }
        by = {name: "*" for name in getattr(plan, "by", ()) if isinstance(getattr(plan, "by", ()), tuple)}
        if each.context == "count" and each.stat_name == "N" and not groups:
            attack.learn(attack.those(), each.stat)
        elif each.context == "count" and each.stat_name == "N":
            attack.learn(attack.those(**{**by, **where}), each.stat)
        elif each.context == "count" and each.stat_name == "N_miss":
            attack.learn(attack.those(**{**where, each.group1: None}), each.stat)
        elif each.context == "count" and each.stat_name == "n_unknown":
            attack.learn(attack.those(**dict.fromkeys(where)), each.stat)
        elif each.stat_name == "n" and each.variable:
            attack.learn(attack.those(**{**where, **groups, each.variable: each.variable_level}), each.stat)
        elif each.stat_name == "n":
            attack.learn(attack.those(**{**where, **groups}), each.stat)
        elif each.stat_name == "N":
            attack.learn(attack.those(**{**where, **groups, each.variable: "*"}), each.stat)
        elif each.stat_name == "N_miss":
            attack.learn(attack.those(**{**where, **groups, each.variable: None}), each.stat)


def found_out(attack, rows, crossings):
    """Return the cells of 1 to 10 rows that the attack pins down, or knows to be among 1 to 10."""
    found = []
    for names in crossings:
        for cell in attack.cells(*names):
            if 1 <= true_count(rows, cell) <= 10:
                low, high = attack.bounds(attack.those(**cell))
                if high < 10.5 or high - low < 4.5:
                    found.append((cell, low, high))
    return found


def check_one(seed):
    chance = random.Random(seed)
    rows = make_rows(chance)
    one, other = chance.sample(list(LEVELS), 2)
    plan = chance.choice(
        (Count(ALL, (one, other)), Describe(ALL, one, (other,)), TableOne(ALL, (one,), (other,)), Count(ALL, (one,)))
    )
    shown = show(plan, rows, CMS, [])
    attack = Attack(LEVELS, len(rows))
    learn(attack, plan, shown.result)

    small = [each for each in shown.result.statistics if each.stat_name in COUNTS and 1 <= (each.stat or 0) <= 10]
    assert small == []
    assert found_out(attack, rows, ((one,), (other,), (one, other))) == []
    return sum(each.stat is not None for each in shown.result.statistics if each.stat_name in COUNTS)


def test_no_suppressed_cell_of_generated_tables_can_be_solved_for():
    told = [check_one(seed) for seed in range(40)]

    assert sum(told) > 200  # that nothing can be solved for is easy where nothing is told


@pytest.mark.slow
def test_no_suppressed_cell_of_a_thousand_generated_tables_can_be_solved_for():
    told = [check_one(seed) for seed in range(1_000)]

    assert sum(told) > 5_000


def test_the_attack_solves_for_cells_where_only_the_small_ones_are_blanked():
    solved = 0
    for seed in range(30):
        rows = make_rows(random.Random(seed))
        frame = pl.DataFrame(rows, schema=dict.fromkeys(LEVELS, pl.String)).lazy()
        plan = Count(ALL, ("arm", "sex"))
        whole = run(plan, frame, DICTIONARY)
        blanked = [replace(each, stat=None) if 1 <= (each.stat or 0) <= 10 else each for each in whole.statistics]
        attack = Attack(LEVELS, len(rows))
        learn(attack, plan, replace(whole, statistics=tuple(blanked)))
        solved += bool(found_out(attack, rows, (("arm",), ("sex",), ("arm", "sex"))))

    assert solved >= 10


def check_session(seed, questions=5):
    chance = random.Random(f"session {seed}")
    rows = make_rows(chance)
    attack, before, told = Attack(LEVELS, len(rows)), [], 0
    for _ in range(questions):
        one, other, third = chance.sample(list(LEVELS), 3)
        level = chance.choice(LEVELS[third])
        some = Cohort("d", "t", (OneOf(third, (level,)),))
        plan = chance.choice(
            (
                Count(ALL, (one,)),
                Count(ALL, (one, other)),
                Count(some),
                Count(some, (one,)),
                TableOne(ALL, (one, other)),
                TableOne(ALL, (one, other), (third,)),
                Describe(ALL, one, (other,)),
            )
        )
        if not any(row[third] == level for row in rows):
            continue
        shown = show(plan, rows, CMS, before)
        before += [shown.told] if shown.told else []
        learn(attack, plan, shown.result)
        told += sum(each.stat is not None for each in shown.result.statistics if each.stat_name in COUNTS)
    crossings = [names for size in (1, 2, 3) for names in combinations(LEVELS, size)]  # of cells nobody asked for, too
    assert found_out(attack, rows, crossings) == []
    return told


def test_answers_of_one_session_do_not_tell_together_what_none_tells_alone():
    assert sum(check_session(seed) for seed in range(8)) > 200


@pytest.mark.slow
def test_answers_of_a_hundred_sessions_do_not_tell_together_what_none_tells_alone():
    assert sum(check_session(seed) for seed in range(100)) > 2_500


def test_what_was_told_before_is_told_again_in_another_answer():
    rows = [{"arm": arm, "sex": sex, "stage": stage} for arm in "xy" for sex in "fm" for stage in ("i", "ii")] * 14
    rows += [{"arm": "x", "sex": "f", "stage": "iii"}] * 4

    first = show(Count(ALL, ("arm",)), rows, CMS, [])
    second = show(TableOne(ALL, ("sex", "stage"), ("arm",)), rows, CMS, [first.told])

    sizes = {each.group1_level: each.stat for each in second.result.statistics if each.context == "group"}
    assert {sizes["x"], sizes["y"]} == {60.0, 56.0}


def test_the_sizes_of_groups_are_told_and_a_small_cell_takes_others_of_its_own_column_with_it():
    """pbc's Table 1 once hid the size of an arm, and cells of sex and of hepatomegaly, for one missing copper."""
    rows = [{"arm": arm, "sex": sex, "stage": stage} for arm in "xy" for sex in "fm" for stage in ("i", "ii")] * 14
    rows += [{"arm": "x", "sex": "f", "stage": None}] + [{"arm": "y", "sex": "m", "stage": None}] * 2

    shown = show(TableOne(ALL, ("sex", "stage"), ("arm",)), rows, CMS, []).result.statistics

    assert all(each.stat is not None for each in shown if each.context == "group")
    assert all(each.stat is not None for each in shown if each.variable == "sex")
    assert [each.stat for each in shown if each.variable == "stage" and each.stat_name == "N_miss"] == [None] * 3


def test_a_table_without_small_counts_is_shown_whole():
    rows = [{"arm": arm, "sex": sex, "stage": "i"} for arm in "xy" for sex in "fm" for _ in range(20)]

    shown = show(Compare(ALL, "sex", "arm"), rows, CMS, [])

    assert not shown.result.partial
    assert shown.suppressed == 0
    assert SUPPRESSED not in [each.warning for each in shown.result.statistics]  # what is null is not estimable
    assert [each.stat for each in shown.result.statistics if each.stat_name == "n"] == [20.0, 20.0]
    assert any(each.stat_name == "p.value" and each.stat is not None for each in shown.result.statistics)


def test_a_small_cell_takes_another_with_it_and_the_test_that_both_determine():
    rows = [{"arm": "x", "sex": "f", "stage": "i"}] * 40 + [{"arm": "x", "sex": "m", "stage": "i"}] * 3
    rows += [{"arm": "y", "sex": "f", "stage": "i"}] * 30 + [{"arm": "y", "sex": "m", "stage": "i"}] * 25

    shown = show(Compare(ALL, "sex", "arm"), rows, CMS, [])

    assert all(each.stat is None for each in shown.result.statistics if each.stat_name == "p.value")
    assert all(each.stat is None for each in shown.result.statistics if each.context.endswith("ratio"))
    n = {
        (each.group1_level, each.variable_level): each.stat for each in shown.result.statistics if each.stat_name == "n"
    }
    assert n["x", "m"] is None
    attack = Attack({"arm": LEVELS["arm"], "sex": LEVELS["sex"]}, len(rows))
    learn(attack, Describe(ALL, "sex", ("arm",)), shown.result)
    assert found_out(attack, rows, (("arm",), ("sex",), ("arm", "sex"))) == []


def test_a_second_answer_that_differs_from_the_first_by_few_is_kept_back():
    rows = [{"arm": "x", "sex": "f", "stage": "i"}] * 97 + [{"arm": "x", "sex": "f", "stage": "ii"}] * 3
    rows += [{"arm": "y", "sex": "m", "stage": "iii"}] * 100

    first = show(Count(Cohort("d", "t", (OneOf("sex", ("f",)),))), rows, CMS, [])
    alone = show(Count(Cohort("d", "t", (OneOf("stage", ("i",)),))), rows, CMS, [])
    second = show(Count(Cohort("d", "t", (OneOf("stage", ("i",)),))), rows, CMS, [first.told])

    def n_of(shown):
        return next(each.stat for each in shown.result.statistics if each.stat_name == "n")

    assert n_of(first) == 100
    assert n_of(alone) == 97
    assert n_of(second) is None


def test_few_left_out_by_a_condition_are_not_told_by_the_size_of_the_table():
    rows = [{"arm": "x", "sex": "f", "stage": "i"}] * 77 + [{"arm": "x", "sex": None, "stage": "i"}] * 3

    shown = show(Proportion(ALL, OneOf("sex", ("f",))), rows, CMS, [])

    assert all(each.stat is None for each in shown.result.statistics if each.stat_name in ("n", "N", "N_miss", "p"))


def test_nhs10_rounds_to_five_and_no_interval_tells_the_count():
    rows = [{"arm": "x", "sex": "f", "stage": "i"}] * 33 + [{"arm": "x", "sex": "m", "stage": "i"}] * 41

    shown = show(Proportion(ALL, OneOf("sex", ("f",))), rows, PROFILES["nhs10"], [])

    stats = {each.stat_name: each.stat for each in shown.result.statistics}
    assert (stats["n"], stats["N"]) == (35, 75)
    assert stats["p"] == pytest.approx(35 / 75)
    assert [stats[f"{kind}.{bound}"] for kind in ("conf", "exact") for bound in ("low", "high")] == [None] * 4


def test_nhs10_shows_no_test_that_was_computed_from_counts_before_they_were_rounded():
    rows = [{"arm": arm, "sex": sex, "stage": "i"} for arm in "xy" for sex in "fm" for _ in range(23)]

    shown = show(Compare(ALL, "sex", "arm"), rows, PROFILES["nhs10"], []).result.statistics

    assert {each.context for each in shown} == {"proportion"}  # not even which test there is, which says how few
    assert {each.stat for each in shown if each.stat_name == "n"} == {25.0}


def test_the_programmes_are_asked_of_sums_too():
    """Of 3 + 4 + 50 with the total and the 50 shown, the sum of the two would be known to be 7."""
    kinds = np.array([3, 4, 50])
    sets = [np.array(each, dtype=bool) for each in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1))]

    found = protect([Candidate(each, 0) for each in sets], [Small(np.array([1, 1, 0], dtype=bool))], kinds, CMS)

    assert [each.shown for each in found][:2] == [False, False]
    assert [each.shown for each in found].count(True) <= 1


def test_what_was_told_comes_back_from_the_store_as_it_was():
    rows = make_rows(random.Random(1))
    told = show(Count(ALL, ("arm", "sex")), rows, CMS, []).told

    entry = entry_from_json(entry_to_json(Entry("{}", Profile("custom", 5, 2), told)))

    assert entry.profile == Profile("custom", 5, 2)
    assert (entry.told.shown, entry.told.base, entry.told.names) == (told.shown, told.base, told.names)
    one, other = merge([told]), merge([entry.told])
    assert sorted(one.kinds) == sorted(other.kinds)
    assert len(small_sets([told], one, 10, 1_000)) == len(small_sets([entry.told], other, 10, 1_000))
    assert [each.columns for each in entry.told.features] == [(), ("arm",), ("sex",)]
