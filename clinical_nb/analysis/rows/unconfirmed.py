"""What an answer rests on that was found in the data and that nobody has confirmed: relations, and who is a person."""

from clinical_nb.analysis.cohort import count_everyone
from clinical_nb.analysis.counts import Scan
from clinical_nb.analysis.rows.needed import relations_used
from clinical_nb.dictionary.joining import leads, patients_table
from clinical_nb.dictionary.meaning import Dictionary
from clinical_nb.plan import Plan, columns_of
from clinical_nb.result import Note


def note_unconfirmed(plan: Plan, scan: Scan, dictionary: Dictionary) -> list[Note]:
    """Say which relations a plan goes along, and by which column its rows are of persons, that nobody confirmed."""
    notes: list[Note] = []
    for table, relation in relations_used(plan, dictionary):
        if not relation.confirmed:
            text = (
                "Nobody has confirmed that the rows of {table} belong to those of {other} by {key}: it was found in "
                "the data. Accept or reject {table}.{other} among the proposals."
            )
            facts = {"table": table, "other": relation.table, "key": " and ".join(relation.columns)}
            notes.append(Note("caution", text, facts))
    notes += _note_copies(plan, dictionary)
    table, identifier = plan.cohort.table, scan.identifier
    patients = patients_table(dictionary)
    if identifier and patients and not (leads(dictionary, table, patients) or leads(dictionary, patients, table)):
        text = (
            "Nobody has said, and the data do not show, that the rows of {table} belong to those of {other}: the "
            "persons are those of {table} alone."
        )
        notes.append(Note("caution", text, {"table": table, "other": patients}))
    grain = dictionary.grains.get(table)
    if identifier is None or grain is None or grain.confirmed or scan.columns[identifier].confirmed:
        return notes
    everyone = count_everyone(scan, identifier)
    if everyone.persons.rows > everyone.persons.persons:
        text = (
            "Nobody has confirmed that rows of {table} with the same {identifier} are of one person, which counts "
            "once: accept or correct {table} among the proposals."
        )
        notes.append(Note("caution", text, {"table": table, "identifier": identifier}))
    return notes


def _note_copies(plan: Plan, dictionary: Dictionary) -> list[Note]:
    """Say which columns finer tables have too, with the same value in each of their rows: these are not looked at."""
    table = plan.cohort.table
    notes: list[Note] = []
    for other, grain in dictionary.grains.items():
        for relation in grain.relations:
            copied = [name for name in columns_of(plan) if name in relation.copied and relation.table == table]
            if copied:
                text = (
                    "{columns} of {other} is the same as that of {table} in each row: each row of {table} counts once."
                )
                facts = {"columns": " and ".join(copied), "other": other, "table": table}
                notes.append(Note("caution", text, facts))
    return notes
