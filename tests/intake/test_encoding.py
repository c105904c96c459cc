"""Text in the encodings that spreadsheets write."""

from io import BytesIO

import pytest

from clinical_nb.errors import FileError
from clinical_nb.intake.encoding import possible_encodings, read_as_utf8, refuse_binary, refuse_encoding


def decode(data, file):
    """Return the text of a file and what its encoding is called, as who reads it finds them."""
    for encoding in possible_encodings(BytesIO(data), file):
        try:
            text = b"".join(read_as_utf8(BytesIO(data), encoding)).decode()
        except UnicodeDecodeError:
            continue
        refuse_binary(text, file)
        return text, encoding.name
    return refuse_encoding(file)


TEXT = "id,name\n1,Zoë “well” €\n" + "2,Bo\n" * 20


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", ""),
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_text_is_the_same_in_every_encoding(encoding, told):
    assert decode(TEXT.encode(encoding), "x") == (TEXT, told)


WORDS = {
    "Cyrillic": "пациент,пол,диагноз\n1,мужской,Сахарный диабет\n2,женский,Гипертония\n3,женский,здоров\n",
    "Greek": "ασθενής,φύλο,ηλικία\n1,άνδρας,54\n2,γυναίκα,61\n3,γυναίκα,47\n",
    "Arabic": "المريض,الجنس,العمر\n1,ذكر,54\n2,أنثى,61\n",
    "Thai": "ผู้ป่วย,เพศ,อายุ\n1,ชาย,54\n2,หญิง,61\n",
    "Japanese": "患者,性別,年齢,診断\n1,男性,54,糖尿病\n2,女性,61,高血圧\n3,女性,47,喘息\n",
    "Simplified": "患者,性别,年龄,诊断\n1,男,54,糖尿病\n2,女,61,高血压\n3,女,47,哮喘\n",
    "Traditional": "患者,性別,年齡,診斷\n1,男,54,糖尿病\n2,女,61,高血壓\n3,女,47,氣喘\n",
    "Korean": "환자,성별,나이,진단\n1,남성,54,당뇨병\n2,여성,61,고혈압\n3,여성,47,천식\n",
}


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Cyrillic", "cp1251"),
        ("Cyrillic", "koi8_r"),
        ("Cyrillic", "cp866"),
        ("Greek", "cp1253"),
        ("Arabic", "cp1256"),
        ("Thai", "cp874"),
        ("Japanese", "cp932"),
        ("Japanese", "euc_jp"),
        ("Simplified", "gb18030"),
        ("Traditional", "big5"),
        ("Korean", "cp949"),
    ],
)
def test_other_alphabets_are_told_from_western_ones(words, encoding):
    text, told = decode(WORDS[words].encode(encoding), "x")

    assert text == WORDS[words]
    assert told not in ("", "Windows-1252")


@pytest.mark.parametrize(
    "text",
    [
        "Größe,Füße,Straße\n1,Übergröße,äöü\n",
        "nº,ação,coração\n1,não,são\n2,irmã,avó\n",
        "“low”,½,€5\n1,“high” … ‰,naïve\n",
        "idé,âge,sévérité\n1,élevée,modérée\n",
    ],
)
def test_western_text_is_windows_1252(text):
    assert decode(text.encode("cp1252"), "x") == (text, "Windows-1252")


@pytest.mark.parametrize("data", [b"a\x00\x00\x00b,c\n", bytes(range(1, 32)) * 10, b"a,b\n\x81\x8d\n", b"\xff\xfea"])
def test_bytes_that_are_no_text_are_refused(data):
    with pytest.raises(FileError, match=r"not a table of text|encoding that cannot be recognised"):
        decode(data, "x")


def test_a_zero_late_in_a_text_is_refused():
    with pytest.raises(FileError, match="not a table of text"):
        decode(b"a,b\n" * 5000 + b"\x00", "x")


@pytest.mark.parametrize(
    ("codec", "name"),
    [("mac_roman", "Mac Roman"), ("cp850", "DOS 850"), ("cp1252", "Windows-1252"), ("latin-1", "Windows-1252")],
)
def test_western_letters_of_macs_and_dos_are_told_from_those_of_windows(codec, name):
    text = "id,name\n1,Müller\n2,René\n3,Jürgen Löwe\n4,Größe\n"
    content = BytesIO(text.encode(codec))

    encoding = list(possible_encodings(content, "a.csv"))[-1]

    assert encoding.name == name
    assert b"".join(read_as_utf8(content, encoding)).decode() == text


def test_names_of_the_balkans_in_windows_are_not_those_of_a_mac():
    content = BytesIO("id,name\n1,Mateša\n2,Božena\n3,Miloš\n".encode("cp1252"))

    assert list(possible_encodings(content, "a.csv"))[-1].name == "Windows-1252"


def test_quotation_marks_of_windows_are_no_letters_of_a_mac():
    content = BytesIO("id,note\n1,\u201cfine\u201d \u2013 caf\u00e9 \u20ac5\n2,it\u2019s\n".encode("cp1252"))

    assert list(possible_encodings(content, "a.csv"))[-1].name == "Windows-1252"


def test_a_text_that_is_partly_utf_8_is_read_line_by_line_as_it_was_written():
    early = "id,ville\n1,Besançon\n2,Orléans\n".encode() + "3,Nîmes\n4,Béziers\n".encode("cp1252")
    late = b"id,ville\n" + "1,Besançon\n".encode() * 600 + "2,Nîmes\n".encode("cp1252")

    for data in (early, late):
        text, name = decode(data, "x.csv")
        assert "Besançon" in text
        assert "Nîmes" in text
        assert name == "partly UTF-8 and partly Windows-1252"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_other_alphabets_in_utf_16_need_no_mark(codec):
    text = "ид;пол;возраст\n1;муж;50\n2;жен;61\n3;муж;40\n"

    assert decode(text.encode(codec), "x.csv") == (text, "UTF-16")
