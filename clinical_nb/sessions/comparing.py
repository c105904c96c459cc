"""What changed between two versions of a dataset."""

from functools import partial
from typing import TYPE_CHECKING

from clinical_nb.answering.disclosing import Disclosing
from clinical_nb.dataset import Dataset
from clinical_nb.doing import tell
from clinical_nb.errors import ClinicalError
from clinical_nb.sessions.holdings import Holdings

if TYPE_CHECKING:  # these import Polars, which %load_ext must not wait for
    from clinical_nb.changes.report import Changes
    from clinical_nb.changes.tables import TableVersion
    from clinical_nb.changes.values import TableChanges

# ruff: noqa: PLC0415 - comparing needs Polars, which comes with the first upload or question: %load_ext is quick


class Comparing:
    """Compares versions of what a session holds, where the profile lets rows be shown."""

    def __init__(self, holdings: Holdings, disclosing: Disclosing) -> None:
        self._holdings = holdings
        self._disclosing = disclosing

    def diff(self, name: str, before: int | str | None = None, after: int | str | None = None) -> "Changes":
        """Return what changed between two versions of a dataset: columns, meaning, rows and levels.

        Rows are matched by the table's identifier, where it is never missing nor repeated in either version, or by it
        and a visit or a date; else whole rows are counted. A table whose content is the same is not read.

        Parameters
        ----------
        name : str
            The dataset.
        before : int or str, optional
            A version's number, or the beginning of its hash; by default the one before `after`.
        after : int or str, optional
            The same; by default the current one.

        Returns
        -------
        Changes
            It shows itself, as text and as HTML.

        Raises
        ------
        UnknownDatasetError, ClinicalError, StoreError
            When the store has no such dataset or version, or none before it, or cannot read one of them; or where
            a profile of disclosure control is in force.

        """
        self._disclosing.refuse_rows("A comparison of versions")
        versions = self._holdings.versions(name)
        now = versions[-1] if after is None else self._holdings.find_versions(name, after)[-1]
        if before is None:
            earlier = [each for each in versions if each.number < now.number]
            if not earlier:
                said = "only one version" if len(versions) == 1 else f"no version before {now.number}"
                hint = (
                    "A file uploaded under this name becomes the next." if len(versions) == 1 else "Name two versions."
                )
                raise ClinicalError(f"'{name}' has {said}: there is nothing to compare it with.", hint)
            return _compare(earlier[-1], now)
        return _compare(self._holdings.find_versions(name, before)[-1], now)


def _compare(before: Dataset, after: Dataset) -> "Changes":
    from clinical_nb.changes.columns import compare_cohorts
    from clinical_nb.changes.report import Changes
    from clinical_nb.changes.tables import compare_tables
    from clinical_nb.changes.values import Side

    shared = [table for table in after.tables if table in before.tables] if before.version != after.version else []
    tables: list[TableChanges] = []
    for table in shared:
        tell(f"Comparing {table}: {after.tables[table][0]:,} rows")
        tables.append(compare_tables(table, _table_version(before, table), _table_version(after, table)))
    sides = (Side(each.number, each.version, each.created) for each in (before, after))
    return Changes(
        after.name,
        *sides,
        added=tuple(table for table in after.tables if table not in before.tables),
        gone=tuple(table for table in before.tables if table not in after.tables),
        tables=tuple(tables),
        cohorts=compare_cohorts(before.dictionary.cohorts, after.dictionary.cohorts),
    )


def _table_version(dataset: Dataset, table: str) -> "TableVersion":
    from clinical_nb.changes.tables import TableVersion

    stored = dataset.stored.tables[table]
    meaning, grain = dataset.dictionary.tables[table], dataset.dictionary.grains.get(table)
    scan = partial(dataset.lazy, table)
    return TableVersion(dataset.number, stored.hash, stored.rows, stored.schema, meaning, scan, grain)
