"""Dates as files of hospitals have them: with weekdays, as digits alone, as numbers of spreadsheets and clocks."""

from datetime import date, datetime

import pytest

import clinical_nb


@pytest.fixture
def session(tmp_path):
    with clinical_nb.Session(tmp_path / "store") as session:
        yield session


def upload(session, tmp_path, header, values):
    file = tmp_path / "visits.csv"
    file.write_text(f"id,{header}\n" + "".join(f'{n},"{each}"\n' for n, each in enumerate(values, 1)), encoding="utf-8")
    return session.upload(file, name="trial")


def about(dataset, column):
    (finding,) = [each for each in dataset.report if each.column == column]
    return finding


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("Wed 1 Mar 2023", "Thu 2 Mar 2023"), (date(2023, 3, 1), date(2023, 3, 2))),
        (("Wednesday, March 1, 2023", "Friday, March 3, 2023"), (date(2023, 3, 1), date(2023, 3, 3))),
        (("Mi, 01.03.2023", "Mo, 13.03.2023"), (date(2023, 3, 1), date(2023, 3, 13))),
        (("mar. 7 mars 2023", "mercredi 8 mars 2023"), (date(2023, 3, 7), date(2023, 3, 8))),
        (
            ("Mon, 06 Mar 2023 10:15:00", "Tue, 07 Mar 2023 23:59:00"),
            (datetime(2023, 3, 6, 10, 15), datetime(2023, 3, 7, 23, 59)),  # noqa: DTZ001
        ),
        (("Mar 1 2023", "Mar 2 2023"), (date(2023, 3, 1), date(2023, 3, 2))),
        (("20230301T101500", "20230302T2359"), (datetime(2023, 3, 1, 10, 15), datetime(2023, 3, 2, 23, 59))),  # noqa: DTZ001
        (
            ("20230301101500", "20230302235959", "20230303000000"),
            (datetime(2023, 3, 1, 10, 15), datetime(2023, 3, 2, 23, 59, 59), datetime(2023, 3, 3)),  # noqa: DTZ001
        ),
        (
            ("202303011015", "202303022359", "202303030000"),
            (datetime(2023, 3, 1, 10, 15), datetime(2023, 3, 2, 23, 59), datetime(2023, 3, 3)),  # noqa: DTZ001
        ),
    ],
)
def test_dates_with_weekdays_and_moments_of_digits_are_proposed_and_read(session, tmp_path, values, expected):
    dataset = upload(session, tmp_path, "seen", values)

    finding = about(dataset, "seen")
    assert finding.kind in {"dates as text", "mixed dates"}
    assert finding.rows == len(values)
    assert session.accept("seen").lazy().collect()["seen"].to_list() == list(expected)


def test_days_as_a_spreadsheet_counts_them_are_proposed_as_dates(session, tmp_path):
    dataset = upload(session, tmp_path, "visit_date", [45021, 44903, 44927])

    finding = about(dataset, "visit_date")
    assert (finding.kind, finding.rows) == ("mixed dates", 3)
    assert "45021 is 5 April 2023" in finding.proposal
    dates = session.accept("visit_date").lazy().collect()["visit_date"].to_list()
    assert dates == [date(2023, 4, 5), date(2022, 12, 8), date(2023, 1, 1)]


@pytest.mark.parametrize(("factor", "unit"), [(1, "as seconds"), (1_000, "as milliseconds")])
def test_moments_as_a_computer_counts_them_are_told(session, tmp_path, factor, unit):
    dataset = upload(session, tmp_path, "created_at", [1_677_661_200 * factor, 1_677_747_600 * factor])

    finding = about(dataset, "created_at")
    assert (finding.kind, finding.rows, finding.step) == ("mixed dates", 2, None)
    assert unit in finding.text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("order_id", (20230301101500, 20230302235959, 20230303000000)),
        ("barcode", (40239901101500, 87230302995959, 20230303000000)),
        ("platelets", (45021, 44903, 44927)),
        ("cells", (1_677_661_200, 1_677_747_600)),
    ],
)
def test_other_numbers_are_no_dates(session, tmp_path, name, values):
    dataset = upload(session, tmp_path, name, values)

    assert not [each for each in dataset.report if each.kind in {"dates as text", "mixed dates"} and each.step]


def test_days_and_moments_of_a_spreadsheet_in_one_column_are_read_together(session, tmp_path):
    values = ["2023-01-05 00:00:00", "15.02.2023", "45021", "2023-04-04 10:15:00", "unknown"]
    dataset = upload(session, tmp_path, "seen", values)

    assert [each.kind for each in dataset.report if each.step] == ["missing codes", "mixed dates"]
    read = session.accept("seen").lazy().collect()["seen"].to_list()
    assert read[:3] == [datetime(2023, 1, 5), datetime(2023, 2, 15), datetime(2023, 4, 5)]  # noqa: DTZ001
    assert read[3:] == [datetime(2023, 4, 4, 10, 15), None]  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Geb.-Datum", "GebDat", "geburtstag", "date de naissance", "fecha_nacimiento"])
def test_births_are_told_as_such_in_other_languages(session, tmp_path, name):
    dataset = upload(session, tmp_path, name, ["1950-02-01", "1961-04-13", "1947-12-24"])

    assert [each.kind for each in dataset.report] == ["identifiers"]


@pytest.mark.parametrize(
    "values",
    [
        ("2020年1月5日", "2020年2月16日"),
        ("2020년 1월 5일", "2020년 2월 16일"),
        ("05 января 2020", "16 февраля 2020"),
        ("5 stycznia 2020", "16 lutego 2020"),
        ("5 ocak 2020", "16 şubat 2020"),
        ("２０２０/０１/０５", "２０２０/０２/１６"),  # noqa: RUF001 - full width, as in Japan
    ],
)
def test_dates_of_other_languages_and_scripts_are_read(session, tmp_path, values):
    upload(session, tmp_path, "visit", values)

    session.accept("visit")

    read = session.find("trial").lazy().collect()["visit"].to_list()
    assert read == [date(2020, 1, 5), date(2020, 2, 16)]


@pytest.mark.parametrize("partial", ["2020-UN-UN", "2020-03-UN", "UN/MAR/2020", "UNK-UNK-2020", "XX.03.2020"])
def test_a_date_of_which_a_part_is_not_known_is_called_so(session, tmp_path, partial):
    dataset = upload(session, tmp_path, "visit", ("2020-01-05", "2020-04-05", partial))

    assert ("partial dates", 1) in {(each.kind, each.rows) for each in dataset.report if each.column == "visit"}


def test_months_and_quarters_of_stata_are_no_numbers_with_a_unit(session, tmp_path):
    dataset = upload(session, tmp_path, "month", ("2020m1", "2020m2", "2020q1"))

    assert about(dataset, "month").kind == "partial dates"


@pytest.mark.parametrize(
    ("values", "calendar"),
    [(("2563-01-05", "2564-02-06"), "Buddhist"), (("1441-05-10", "1442-01-02"), "Islamic or Persian")],
)
def test_years_of_another_calendar_are_said_to_be_that(session, tmp_path, values, calendar):
    dataset = upload(session, tmp_path, "visit", values)

    assert f"they may be of the {calendar} calendar" in about(dataset, "visit").text


@pytest.mark.parametrize(
    ("values", "calendar"),
    [
        (("01/06/2566", "02/06/2566", "13/06/2566"), "Buddhist"),
        (("1445-01-30", "1445-02-30", "1445-03-30"), "Islamic or Persian"),
    ],
)
def test_text_with_years_of_another_calendar_is_never_proposed_to_be_read_as_it_stands(
    session, tmp_path, values, calendar
):
    finding = about(upload(session, tmp_path, "visit_date", values), "visit_date")

    assert (finding.kind, finding.rows, finding.step) == ("impossible dates", 3, None)
    assert f"of the {calendar} calendar" in finding.text


@pytest.mark.parametrize("name", ["RANDDT", "visitdate", "trtsdt"])
def test_a_number_of_days_is_known_by_a_name_in_one_word_too(session, tmp_path, name):
    finding = about(upload(session, tmp_path, name, ("23001", "23014", "22987")), name)

    assert finding.kind == "mixed dates"
    assert "23001 is" not in finding.proposal  # of the first by size
    assert "22987 is 1962-12-07 in Excel or 2022-12-08 in SAS or Stata" in finding.proposal


@pytest.mark.parametrize("name", ["width", "pdt", "dose"])
def test_numbers_under_other_names_are_no_days(session, tmp_path, name):
    dataset = upload(session, tmp_path, name, ("23001", "23014", "22987"))

    assert [each.kind for each in dataset.report if each.column == name] == []
