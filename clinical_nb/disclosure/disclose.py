"""From a result to what of it may leave: the one way, before anything is shown, saved or written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from clinical_nb.analysis.counts import Scan
from clinical_nb.disclosure.banding import CONTEXT as LIFE_TABLE
from clinical_nb.disclosure.banding import add_bands, round_median
from clinical_nb.disclosure.claim import COUNTS, Claim, claim_of
from clinical_nb.disclosure.crossing import Told, key_of, persons_of
from clinical_nb.disclosure.identity import in_order
from clinical_nb.disclosure.layout import lay_out
from clinical_nb.disclosure.magnitudes import Magnitudes
from clinical_nb.disclosure.profile import Profile, rounded
from clinical_nb.disclosure.remarks import remarks_of
from clinical_nb.disclosure.rows import MOST_ROWS, Rows, Table, pick_rows, read_table, rows_of_group
from clinical_nb.disclosure.rules import Rule, rule_of
from clinical_nb.disclosure.suppress import Candidate, UncheckedError, protect
from clinical_nb.doing import tell
from clinical_nb.plan import Count, FollowUp, Plan, Rank, Survive
from clinical_nb.result import SUPPRESSED, Note, Result, Statistic

_OF_COUNTS = ("p", "conf.low", "conf.high", "exact.low", "exact.high")
_OF_SIZE = ("conf.low", "conf.high")  # of a mean with its SD, they tell how many it is of
_BY_PERSON = (Count, Rank)  # whose analyses count persons who have several rows
_TIMES = ("survival", "follow_up")  # contexts of medians of times, each of which is somebody's own
_OF_LEVELS = ("categorical", "trend")  # contexts that have each level that somebody has
_HIDDEN_BEFORE = -1  # the rank of a count that is hidden already
# Said of nobody, of few, and of what cannot be computed alike: the difference would tell who there is.
_NOTHING = (
    "all of it rests on counts of 1 to {most}, on what would tell them, or on nobody, and which of these it is is not "
    "told"
)
_TOO_MANY = "this is too much to check together with what was shown before"
_SEVERAL = (
    "a person has several rows, whose counts do not tell how many persons are behind them. Ask at one visit, of which "
    "each person has one row"
)
# Not which count: that it is suppressed for an earlier answer alone would tell that the two differ by few.
_BESIDE = (
    "Answers on {others} were shown before: what is safe by itself is suppressed where its difference from theirs "
    "would be of fewer than {least}."
)
_ROUNDED = "Median times are rounded, to multiples of {size} at most, so far that many persons have theirs within it."
# What an answer at a time consists of: where it is withheld, nothing can be worked out of the rest.
_ASKED_AT = frozenset({"survival_at", "event_at", "restricted_mean"})


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What of a result may be shown, what that tells (None where nothing is), and how many numbers are suppressed."""

    result: Result
    told: Told | None
    suppressed: int


@dataclass(frozen=True, slots=True)
class Known:
    """What was told `before` of the same persons, of which data (`others`), and of this same plan (`again`).

    `universe` says what they are called by. Counts that differ from those before by few persons are suppressed as
    well; what was told of the same plan is again.
    """

    universe: str
    before: Sequence[Told] = ()
    others: str = ""
    again: Told | None = None


def disclose(plan: Plan, result: Result, scan: Scan, profile: Profile, known: Known) -> Disclosed:
    """Return a result without its small counts and without what tells them.

    Parameters
    ----------
    plan, result
        What was computed. The statistics that are suppressed become null, with SUPPRESSED as the reason; those that
        may hold a person's own value are left out.
    scan
        The rows that it was computed from, joined and reduced to persons as for that.
    profile
        Which counts are small.
    known
        What was told before.

    """
    rule = rule_of(plan)
    if rule.why:
        return nothing(profile, rule.why)
    tell("Checking what may be shown")
    table = read_table(plan, scan) if isinstance(plan, _BY_PERSON) else pick_rows(read_table(plan, scan))
    if why := _why_nothing(plan, result, table, profile):
        return nothing(profile, why, known)
    if isinstance(plan, Survive):
        result, table = add_bands(plan, result, table, scan.columns[plan.time].unit, profile)
    claim = claim_of(plan, result, table, rule, known.universe)
    is_exact = any(rule.contexts.get(each.context) == "numbers" for each in result.statistics)
    told = Told(
        claim.universe,
        table.names,
        claim.parts,
        claim.sets,
        (True,) * len(claim.sets),
        1 if is_exact else profile.base,
        claim.features,
        claim.parts_of,
        claim.sets_of,
    )
    if known.again is not None and len(known.again.shown) == len(claim.sets):
        shown: tuple[bool, ...] | None = known.again.shown
    else:
        before = [_size_of(table, claim), *(in_order(each, table.names) for each in known.before)]
        shown = _decide(told, claim, profile, before)
    if shown is None:
        return nothing(profile, _TOO_MANY, known)
    showing = _Shown(plan, rule, claim, shown, Magnitudes(table, profile, rule.differences), profile)
    statistics = showing.statistics(result)
    if not any(each.stat for each in statistics):
        return nothing(profile, _NOTHING.format(most=profile.most), known)
    remarks = [Note("caution", _ROUNDED, {"size": max(showing.roundings)})] if showing.roundings else []
    disclosed = _say(plan, result, statistics, profile, replace(told, shown=shown))
    remarks += _note_before(profile, known) if disclosed.suppressed else []
    return replace(disclosed, result=replace(disclosed.result, notes=(*disclosed.result.notes, *remarks)))


def _size_of(table: Table, claim: Claim) -> Told:
    """Return that everybody knows how many persons a table of one row each has: listings and the history say it."""
    everybody = np.ones(len(table.names), np.bool_)
    is_told = table.one_row_each and len(table.names) > 0
    return Told(claim.universe, table.names, (everybody.astype(np.int64),), (everybody,), (is_told,), 1)


def nothing(profile: Profile, why: str, known: Known | None = None) -> Disclosed:
    """Return a result of which nothing is shown, and why: not even how many numbers it would have."""
    note = Note("caution", f"Nothing of this is shown under {{profile}}: {why}.", {"profile": profile.name})
    return Disclosed(Result((), (note, *(_note_before(profile, known) if known else ())), partial=True), None, 0)


def _note_before(profile: Profile, known: Known) -> list[Note]:
    """Say that answers were shown before, of which version, and what is suppressed for it."""
    facts = {"others": known.others, "least": profile.most + 1}
    return [Note("caution", _BESIDE, facts)] if known.others else []


def _why_nothing(plan: Plan, result: Result, table: Table, profile: Profile) -> str:
    if len(table.persons) > MOST_ROWS:
        return _TOO_MANY
    if not table.one_row_each and not (isinstance(plan, _BY_PERSON) and (table.persons >= 0).all()):
        return _SEVERAL
    return "" if result.statistics else _NOTHING.format(most=profile.most)


def of_nobody(profile: Profile) -> Disclosed:
    """Return what is shown of an answer that there is none of, or of too few."""
    return nothing(profile, _NOTHING.format(most=profile.most))


def _decide(told: Told, claim: Claim, profile: Profile, before: Sequence[Told]) -> tuple[bool, ...] | None:
    """Return which sets may be told, beside what was told before; None where that is too much to check."""
    laid = lay_out([*before, told], profile.most)
    if laid is None:
        return None
    earlier = [
        Candidate(inside, 0, each.base, each.shown[place], fixed=True, columns=each.columns_of(each.sets_of, place))
        for each, sets in zip(before, laid.sets, strict=False)
        for place, inside in enumerate(sets)
    ]
    new = [
        _beside(Candidate(inside, rank, told.base, columns=told.columns_of(told.sets_of, place)), earlier)
        for place, (inside, rank) in enumerate(zip(laid.sets[-1], claim.ranks, strict=True))
    ]
    try:
        found = protect([*earlier, *new], laid.small, laid.kinds, profile, laid.links)
    except UncheckedError:
        return None
    return tuple(each.shown for each in found[len(earlier) :])


def _beside(new: Candidate, earlier: Sequence[Candidate]) -> Candidate:
    """Return a set that may be told: what was told before is told again, and what was not is the first to be hidden."""
    same = [each for each in earlier if each.columns == new.columns and np.array_equal(each.inside, new.inside)]
    if any(each.shown and each.base <= new.base for each in same):
        return replace(new, again=True)
    was_hidden = bool(same) and not any(each.shown for each in same)
    return replace(new, rank=_HIDDEN_BEFORE) if was_hidden else new


@dataclass(frozen=True, slots=True)
class _Shown:
    """What becomes of each statistic, once it is decided which sets are told."""

    plan: Plan
    rule: Rule
    claim: Claim
    shown: tuple[bool, ...]
    magnitudes: Magnitudes
    profile: Profile
    roundings: list[float] = field(default_factory=list[float])  # of times, as they are met

    def statistics(self, result: Result) -> list[Statistic]:
        """Return the statistics of contexts that may be shown, those that may not be null.

        What is derived of suppressed counts is left out: which test there is, was chosen by looking at these.
        """
        told: dict[tuple[object, ...], dict[str, float]] = {}
        found: list[Statistic] = []
        for number, each in enumerate(result.statistics):
            if each.context in self.rule.contexts and self._may_list(each):
                value = self._value(number, each, told.get(_key(each), {}))
                if value == 0 and each.stat_name in COUNTS and not self._is_open(each):
                    value = None
                if value is None and self._is_chosen(each):
                    continue
                if value is not None and each.stat_name in COUNTS:
                    told.setdefault(_key(each), {})[each.stat_name] = value
                found.append(replace(each, stat=value, warning=SUPPRESSED if value is None else None))
        return found

    def _may_list(self, each: Statistic) -> bool:
        """Tell whether a group or a rank may be named: of few persons, only those are there that somebody has."""
        if isinstance(self.plan, Rank) and each.variable_level is not None:
            of = self.claim.table.variables[self.plan.column]
            return self._is_told(self.claim.table.inside & of.has(each.variable_level))
        one, other = each.group1_level, each.group2_level
        wider: list[tuple[str | None, str | None]] = [(None, None), (one, None), (None, other)]
        has_levels = each.variable_level is not None and each.context in _OF_LEVELS
        wider = [pair for pair in wider if pair != (one, other)] + [(one, other)] * has_levels
        return all(self._is_open(replace(each, group1_level=pair[0], group2_level=pair[1])) for pair in wider)

    def _is_open(self, each: Statistic) -> bool:
        """Tell whether it is told how many are in the groups of a statistic: else not even none of them is."""
        rows = rows_of_group(self.claim.table, each)
        place = self.claim.places.get(key_of(persons_of(self.claim.table, rows)))
        return self.shown[place] if place is not None else not self.profile.is_small(self.claim.table.size(rows))

    def _is_chosen(self, each: Statistic) -> bool:
        """Tell whether that there is a statistic was decided by what is suppressed."""
        is_derived = self.rule.contexts[each.context] == "derived" and each.stat_name not in COUNTS
        return is_derived and each.context != LIFE_TABLE and (self.profile.base > 1 or not self._is_clear(each))

    def _value(self, number: int, each: Statistic, told: Mapping[str, float]) -> float | None:
        """Return what is shown of a statistic; `told` has the counts of the same group and level that are."""
        if each.stat is None:
            return None
        treatment = self.rule.contexts[each.context]
        if each.stat_name in COUNTS:
            return self._count(number, each, is_clear=treatment == "derived" and self._is_clear(each))
        if treatment == "counts" or (each.stat_name == "p" and "n" in told):
            return self._of_counts(each, told)
        if self.profile.base > 1 and (treatment == "derived" or each.stat_name in _OF_SIZE):
            return None  # of exact counts, which it would tell
        is_shown = self._is_clear(each) if treatment == "derived" else self._describes_many(each)
        if is_shown and each.context in _TIMES and isinstance(self.plan, Survive | FollowUp):
            found = round_median(self.plan, each, self.claim.table, self.profile)
            self.roundings.extend(found[1:] if found else ())
            return found[0] if found else None
        return each.stat if is_shown else None

    def _describes_many(self, each: Statistic) -> bool:
        """Tell whether a number of a group tells of none of its persons: the group is told, and enough make it up."""
        of = self.claim.table.variables.get(each.variable or "")
        if of is not None and of.numbers is not None and not of.measures and not self._are_shown(each.variable or ""):
            return False
        rows = self.magnitudes.rows_of(each)
        return rows is not None and self._is_told(rows) and self.magnitudes.may_show(each, rows)

    def _count(self, number: int, each: Statistic, *, is_clear: bool) -> float | None:
        """Return a count as it is shown: its set is told, or it is a sum of sets that all are."""
        place, value = self.claim.of.get(number), int(each.stat or 0)
        is_told = self.shown[place] if place is not None else is_clear and self.rule.sums
        return None if not is_told or self.profile.is_small(value) else float(rounded(value, self.profile.base))

    def _of_counts(self, each: Statistic, told: Mapping[str, float]) -> float | None:
        """Return a share of two shown counts; its interval tells the unrounded ones."""
        if each.stat_name not in _OF_COUNTS or not {"n", "N"} <= told.keys():
            return None
        if self.profile.base == 1:
            return each.stat
        total = told["N"] - told.get("n_unknown", 0)
        return told["n"] / total if each.stat_name == "p" and total else None

    def _is_told(self, rows: Rows) -> bool:
        place = self.claim.places.get(key_of(persons_of(self.claim.table, rows)))
        return place is not None and self.shown[place]

    def _is_clear(self, each: Statistic) -> bool:
        """Tell whether all that a statistic is derived from is shown: the cells, and numbers that nobody makes up."""
        crossings = [names for names in self.claim.cells if not self.rule.apart or each.variable in names]
        if each.context == LIFE_TABLE:  # it is worked out of counts alone
            return all(map(self._is_whole, crossings))
        crossings = [names for names in crossings if self.claim.table.bands not in names]
        return bool(crossings) and all(map(self._is_whole, crossings)) and self.magnitudes.are_safe(crossings)

    def _are_shown(self, variable: str) -> bool:
        """Tell whether all cells of a variable are shown: the mean of few values tells how many have each."""
        crossings = [names for names in self.claim.cells if variable in names]
        return bool(crossings) and all(map(self._is_whole, crossings))

    def _is_whole(self, names: tuple[str, ...]) -> bool:
        return all(self.shown[place] for place in self.claim.cells[names])


def _say(plan: Plan, result: Result, statistics: Sequence[Statistic], profile: Profile, told: Told) -> Disclosed:
    """Return what is shown, with the notes that hold no counts."""
    before = [each for each in result.statistics if each.stat is not None]
    after = [each for each in statistics if each.stat is not None]
    suppressed = len(before) - len(after)
    if not suppressed and profile.base == 1:  # what is null has its own reason, of numbers that are shown
        statistics = [_with_reason(each, result.statistics) for each in statistics]
    bands = any(each.context == LIFE_TABLE for each in statistics)
    untold = {each.context for each in result.statistics} - {each.context for each in statistics}
    is_whole = not suppressed and not untold and profile.base == 1
    notes = [*remarks_of(plan, result.notes, statistics, is_whole=is_whole), *(result.notes[-1:] if bands else ())]
    text = f"Disclosure control by {{profile}}: {profile.say()}."
    if suppressed:
        text = f"{text} What is marked {SUPPRESSED}, and tests and remarks that rest on it, are not told."
    if untold - rule_of(plan).contexts.keys():
        text = f"{text} Curves, numbers at risk at single times and what single persons have are withheld whole."
    found = [each.facts["identifier"] for each in result.notes if each.kind == "who" and "identifier" in each.facts]
    named = {"identifier": found[0]} if found else {}
    note = Note("caution", text, {"profile": profile.name, **named})
    is_partial = (
        profile.base > 1
        or any(each.warning == SUPPRESSED or each.context == LIFE_TABLE for each in statistics)
        or bool(untold & (_ASKED_AT | rule_of(plan).contexts.keys()))
    )
    return Disclosed(Result(tuple(statistics), (*notes, note), partial=is_partial), told, suppressed)


def _with_reason(each: Statistic, computed: Sequence[Statistic]) -> Statistic:
    """Return a statistic that could not be estimated with why not, where that holds no number but 0."""
    if each.stat is not None:
        return each
    why = next((one.warning for one in computed if (_key(one), one.stat_name) == (_key(each), each.stat_name)), None)
    return replace(each, warning=why) if why and not set("123456789") & set(why) else each


def _key(each: Statistic) -> tuple[object, ...]:
    return (
        each.context,
        each.group1,
        each.group1_level,
        each.group2,
        each.group2_level,
        each.variable,
        each.variable_level,
    )
