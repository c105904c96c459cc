"""Tables that belong together by several columns without a site among them, and tables that contradict each other."""

import zipfile

import pytest

import clinical_nb


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        yield session


def upload(session, tmp_path, **tables):
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for name, text in tables.items():
            archive.writestr(f"{name}.csv", text)
    return session.upload(tmp_path / "study.zip")


def rows(*lines):
    return "\n".join(lines) + "\n"


def test_members_of_families_are_related_by_both_columns(session, tmp_path):
    people = [(f"F{family}", member) for family in range(1, 6) for member in range(1, 4)]
    dataset = upload(
        session,
        tmp_path,
        members=rows("family,member,age", *(f"{f},{m},{40 + m}" for f, m in people)),
        bloods=rows("family,member,day,hb", *(f"{f},{m},{day},{12 + m}" for f, m in people for day in (1, 2))),
    )

    grains = dataset.dictionary.grains
    assert grains["members"].key == ("family", "member")
    (relation,) = grains["bloods"].relations
    assert (relation.table, relation.columns, relation.keys) == ("members", ("family", "member"), ("family", "member"))
    assert not relation.confirmed


def test_patients_numbered_in_each_centre_are_patients(session, tmp_path):
    people = [(centre, number) for centre in (1, 2) for number in range(1, 9)]
    dataset = upload(
        session,
        tmp_path,
        patients=rows("centre,number,age", *(f"{c},{n},{40 + n}" for c, n in people)),
        labs=rows("centre,number,test,hb", *(f"{c},{n},{t},{12 + n}" for c, n in people for t in (1, 2))),
    )

    assert dataset.dictionary.grains["patients"].row == "patient"
    assert dataset.dictionary.grains["labs"].relations[0].columns == ("centre", "number")


def test_what_two_tables_share_by_chance_is_no_key(session, tmp_path):
    dataset = upload(
        session,
        tmp_path,
        one=rows("age,weight,x", "50,70,1", "51,71,2", "52,72,3"),
        two=rows("age,weight,y", "50,70,4", "51,71,5", "51,71,6"),
    )

    assert all(not grain.relations for grain in dataset.dictionary.grains.values())


def test_a_column_that_few_rows_contradict_is_told(session, tmp_path):
    arms = {n: "AB"[n % 2] for n in range(1, 21)}
    dataset = upload(
        session,
        tmp_path,
        patients=rows("pid,arm,sbp", *(f"{n},{arm},{100 + n}" for n, arm in arms.items())),
        visits=rows(
            "pid,visit,arm,sbp",
            *(f"{n},{v},{'A' if n == 3 else arm},{140 + n * v}" for n, arm in arms.items() for v in (1, 2)),
        ),
    )

    told = [each for each in dataset.report if "another" in each.text]
    assert [(each.table, each.column, each.rows) for each in told] == [("visits", "arm", 2)]
    assert told[0].text == "2 rows have another 'arm' than 'patients' has (5.0% of 40)."
