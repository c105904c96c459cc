"""Asked: the parts of a typed question with what the columns of its table mean."""

from dataclasses import dataclass, fields

from clinical_nb.ask.language.lexicon import spoken
from clinical_nb.ask.linking.index import Index
from clinical_nb.ask.linking.naming import GROUPABLE
from clinical_nb.ask.linking.senses import OUTCOMES
from clinical_nb.ask.rules.conditions import Conditions
from clinical_nb.ask.rules.survival import Timed, timed_death
from clinical_nb.ask.rules.typed import Parts
from clinical_nb.plan import AllOf, Cohort, Condition, OneOf, Threshold, Variable, columns_of

_NOTHING = frozenset({"no", "none"})  # which others are compared with as with a control


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of one question about one table."""

    index: Index
    dataset: str
    table: str
    parts: Parts

    @property
    def pool(self) -> tuple[Variable, ...]:
        """What is named, whatever stands before it."""
        return tuple(dict.fromkeys((*self.parts.items, *self.parts.aims)))

    @property
    def groups(self) -> tuple[Variable, ...]:
        """What makes the groups: a column after "by", or two groups that are held against each other."""
        return (self.parts.contrast.by,) if self.parts.contrast else self.parts.by

    @property
    def held_terms(self) -> tuple[Variable, ...]:
        """The term of two groups: their column, or the level that is held against what a model would not choose."""
        contrast = self.parts.contrast
        if contrast is None or not contrast.against or not isinstance(contrast.by, str):
            return (contrast.by,) if contrast else ()
        column = self.index.columns[contrast.by]
        levels = column.levels
        controls = [each.value for each in levels if not self.references.isdisjoint(spoken(each.label))]
        texts = all(isinstance(each.value, str) for each in levels) and column.kind == "binary" and not column.ordered
        first = min(str(each.value) for each in levels) if texts else levels[0].value
        if contrast.against == ((controls or [first])[0],) and len(levels) == 2:  # noqa: PLR2004 - of two
            return (contrast.by,)
        held = contrast.where[0] if contrast.where else None
        values = held.values if isinstance(held, OneOf) else tuple(level.value for level in levels)
        return (OneOf(contrast.by, tuple(value for value in values if value not in contrast.against)),)

    @property
    def references(self) -> frozenset[str]:
        """The words of a level with which others are compared."""
        return self.index.lexicon.control | _NOTHING

    def says_only(self, *names: str) -> bool:
        """Tell whether nothing is said but these parts and whom the question is about."""
        if self.parts.by and self.parts.contrast:
            return False
        allowed = {"where", *names}
        return all(field.name in allowed or not getattr(self.parts, field.name) for field in fields(Parts))

    def asks_only(self, *asks: str) -> bool:
        """Tell whether nothing else is asked."""
        return self.parts.asks <= {*asks}

    def cohort(self, *more: Condition) -> Cohort:
        """Return whom the question is about."""
        left_out: Conditions = self.parts.contrast.where if self.parts.contrast else ()
        return Cohort(self.dataset, self.table, (*self.parts.where, *left_out, *more))

    def is_number(self, item: Variable) -> bool:
        """Tell whether an item is a column of numbers."""
        return isinstance(item, str) and self.index.columns[item].kind == "numeric"

    def is_group(self, item: Variable) -> bool:
        """Tell whether an item is a column that makes groups."""
        return isinstance(item, str) and self.index.columns[item].kind in GROUPABLE

    def ranks(self, item: Variable) -> bool:
        """Tell whether an item is a column whose values rise: numbers, or levels that have an order."""
        return isinstance(item, str) and (self.is_number(item) or self.index.columns[item].ordered)

    def is_arm(self, item: Variable) -> bool:
        """Tell whether an item is the arm or one of its levels."""
        return not isinstance(item, AllOf) and self.index.columns[columns_of(item)[0]].role == "arm"

    def event(self, item: Variable) -> Condition | None:
        """Return what happens where an item is something that happens, or not, to a person."""
        if isinstance(item, str):
            yes = self.index.polar(item, positive=True)
            return None if yes is None else OneOf(item, (yes,))
        return item if isinstance(item, OneOf | Threshold | AllOf) else None

    def term(self, item: Variable) -> Variable:
        """Return the column of a level that has but one other; else the item itself."""
        is_binary = isinstance(item, OneOf) and self.index.columns[item.column].kind == "binary"
        return item.column if is_binary and isinstance(item, OneOf) else item

    def happens(self, item: Variable) -> bool:
        """Tell whether an item can be what comes out, and is not who a person is: the sex, the arm, the site."""
        column = self.index.columns[columns_of(item)[0]]
        if isinstance(item, Threshold | AllOf) or column.role in OUTCOMES:
            return True
        is_yes = isinstance(item, str) and self.index.polar(item, positive=True) is not None
        return is_yes and column.role is None

    def main_outcomes(self) -> tuple[Variable | Timed, ...]:
        """Return what the study looks for, where its dictionary says so; else the event that is timed."""
        named: list[Variable | Timed] = [
            name for name, column in self.index.columns.items() if column.role == "outcome"
        ]
        timed = timed_death(self.index)
        return tuple(named) or ((timed,) if timed else ())

    def is_timed(self, event: Condition) -> bool:
        """Tell whether an event is the one whose time the table has."""
        timed = timed_death(self.index)
        return timed is not None and columns_of(timed.event) == columns_of(event)


def distinct(*parts: Variable) -> bool:
    """Tell whether no column stands in two places, of which one would explain the other."""
    columns = [column for each in parts for column in columns_of(each)]
    return len(set(columns)) == len(columns)
