"""Which column names say that the column identifies a row, a person, or somebody by name and address."""

import re
from functools import lru_cache
from itertools import pairwise

# Camel case and digits are word ends too: patientID is "patient id", ID2 is "id 2".
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_PERSON = frozenset({"patient", "subject", "participant", "person", "subj", "pat", "pt", "volunteer", "case"})
_ROW = frozenset({"record", "row", "visit", "sample", "specimen", "encounter", "admission", "study", "event"})
_ID = frozenset({"id", "ids", "identifier", "uid", "uuid", "guid"})
_NUMBER = frozenset({"no", "nr", "num", "number"})
_ONE_WORD_PERSON = frozenset(
    {"usubjid", "subjid", "subjectid", "patid", "patientid", "ptid", "participantid", "personid", "mrn"}
)
_ONE_WORD_ROW = frozenset({"caseid", "recordid", "recid", "recno", "rowid", "pid", "caseno", "studyid", "sampleid"})
_PRIVATE = frozenset(
    {"mrn", "ssn", "nhs", "surname", "forename", "lastname", "firstname", "fullname"}
    | {"phone", "telephone", "mobile", "fax", "email", "mail", "address", "street", "zip", "zipcode", "postcode"}
)
_BIRTHDAY = frozenset(
    {
        "dob",
        "birthdate",
        "birthday",
        "bdate",
        "birthdt",
        "brthdt",
        "brthdtc",
        "dateofbirth",
        "geburtsdatum",
        "gebdatum",
        "gebdat",
        "geburtstag",
    }
)
_BIRTH = frozenset({"birth", "brth", "born", "geb", "geburt", "geburts", "naissance", "nacimiento", "nascita"})
_DAY = frozenset({"date", "day", "dat", "dt", "dtc", "datum", "tag", "fecha", "data"})
# Where and by whom somebody is treated: numbers of these count nothing.
PLACES = frozenset(
    {"site", "centre", "center", "hospital", "clinic", "institution", "institute", "department", "practice", "ward"}
    | {"country", "region", "district", "province", "state", "zentrum", "klinik"}
)
_WHO = frozenset(
    {"surgeon", "physician", "doctor", "investigator", "operator", "examiner", "rater", "nurse", "clinician"}
    | {"interviewer", "assessor", "observer", "consultant", "anaesthetist", "anesthetist", "anaesthesiologist"}
    | {"anesthesiologist", "radiologist", "pathologist", "therapist", "midwife", "provider", "prescriber", "gp"}
    | {"staff"}
)
_OF_WHO = frozenset({"name", "code", "treating", "attending", "responsible", "referring", "principal", "lead", "chief"})
_TITLED = re.compile(r"(?:dr|prof|professor|doctor|mr|mrs|ms|nurse|sister)\b\.?\s*[^\W\d_]{2,}", re.IGNORECASE)
_NAMES_OF_PEOPLE = _PERSON | {"first", "last", "full", "given", "family", "middle", "maiden"}
_CASE_OR_CONTROL = frozenset({"case", "control", "cases", "controls", "casecontrol", "caco"})
_NAMES = 1 << 17  # that are remembered: many questions are asked of each, of tables of thousands of columns too


@lru_cache(maxsize=_NAMES)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column name in lower case: 'patientID', 'patient_id' and 'patient id' are one name."""
    return tuple(word.casefold() for word in _WORD.findall(name))


@lru_cache(maxsize=_NAMES)
def names_person(name: str) -> bool:
    """Tell whether a name says unmistakably that the column identifies a person, so that its values may repeat."""
    words = words_of(name)
    if any(word in _ONE_WORD_PERSON for word in words):
        return True
    named = words[:-1] if words and words[-1].isdigit() else words
    return len(named) > 1 and named[-2] in _PERSON and named[-1] in _ID | _NUMBER


def numbers_cases(name: str) -> bool:
    """Tell whether a name is that of a case's number: a patient's, or that of a case and the controls matched to it."""
    words = words_of(name)
    return words[:1] == ("case",) and len(words) > 1 and words[1] in _ID | _NUMBER


def tells_case_or_control(name: str) -> bool:
    """Tell whether a name is that of a column that says who is a case and who a control."""
    words = [word for word in words_of(name) if word not in {"is", "or", "vs"}]
    return "".join(words) in _CASE_OR_CONTROL


def may_name_person(name: str) -> bool:
    """Tell whether a name is one word that people use for a person's number or her name: `id`, `patient`, `subject`."""
    words = words_of(name)
    return len(words) == 1 and words[0] in {"id", "patient", "subject", "participant", "person"}


@lru_cache(maxsize=_NAMES)
def names_row(name: str) -> bool:
    """Tell whether a name says that the column identifies something: a person, a record, a sample."""
    words = words_of(name)
    if not words:
        return False
    if names_person(name) or words[0] in _ID or words[-1] in _ID:
        return True
    if len(words) == 1:
        return words[0] in _PERSON | {"record"} | _ONE_WORD_ROW
    return words[-1] in _NUMBER and words[-2] in _PERSON | _ROW


def names_place(name: str) -> bool:
    """Tell whether a name says that the column holds who treats, or where: `centre`, `site_no`, `study site`."""
    words = [word for word in words_of(name) if word not in _ID | _NUMBER | {"code", "study", "trial"}]
    return bool(words) and all(word in PLACES | _WHO for word in words)


@lru_cache(maxsize=_NAMES)
def names_staff(name: str) -> bool:
    """Tell whether a name says that the column holds who treats or asks: `surgeon`, `physician name`, `seen_by`."""
    words = words_of(name)
    said = {word.removesuffix("s") if word != "staff" else word for word in words}
    others = said - _WHO - _ID - _NUMBER - _OF_WHO - {"of", "the", "first", "last", "family"}
    return (bool(said & _WHO) and not others) or (len(words) > 1 and words[-1] == "by")


def is_titled(text: str) -> bool:
    """Tell whether a text begins as the name of somebody who is addressed so: `Dr Smith`, `Prof. Jones`."""
    return _TITLED.match(text.strip()) is not None


def names_birthday(name: str) -> bool:
    """Tell whether a name says that the column holds days of birth; of a birth, the year alone identifies nobody."""
    words = words_of(name)
    return not _BIRTHDAY.isdisjoint(words) or not (_BIRTH.isdisjoint(words) or _DAY.isdisjoint(words))


@lru_cache(maxsize=_NAMES)
def names_private(name: str) -> bool:
    """Tell whether a name says that the column holds what finds a person outside the study, as a name does."""
    words = words_of(name)
    if any(word in _PRIVATE for word in words) or names_birthday(name):
        return True
    return words == ("name",) or any(
        first in _NAMES_OF_PEOPLE and second == "name" for first, second in pairwise(words)
    )
