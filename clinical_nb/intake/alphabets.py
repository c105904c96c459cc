"""Which encoding of before Unicode a text is in, told by the letters of the languages that were written in it."""

import re
from collections.abc import Mapping
from itertools import pairwise

# The letters beyond ASCII of each language. A text is in one language: in the wrong encoding it has letters that no
# single one has together, such as the õ of Portuguese beside the û of French for the ő and ű of Hungarian.
_WEST = (
    "äöüß", "éèêëàâæîïôœùûüÿç", "áéíóúüñ", "àèéìíîòóù", "ãõáàâéêíóôúç", "åäöé", "æøåé", "áéíóúýþæöð", "õäöüšž",
    "éèëïóöü",
)  # fmt: skip
_CENTRE = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ",
)  # fmt: skip
_IN_NAMES = "éäöüß"  # of people and places, in any language
_TURKISH = ("\u00e7\u011f\u0131\u0130\u00f6\u015f\u00fc\u00e2\u00ee\u00fb",)  # with the dotless i
_ICELANDIC = "\u00e1\u00ed\u00f3\u00e6"  # one of these, or the thorns and eths are letters of Turkish
_BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž")
# By codec, the likelier one first: of those that fit alike, it is the one.
_LATIN: Mapping[str, tuple[str, ...]] = {
    "cp1252": _WEST,
    "cp1250": _CENTRE,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
    "iso8859_2": _CENTRE,
    "mac_roman": _WEST,
    "cp850": _WEST,
    "cp852": _CENTRE,
}
_UNITS = re.compile(rb"(?<![A-Za-z\x80-\xff])(?:[cdkm]?m[\xb2\xb3]|\xb5(?=[A-Za-z])|[\xa1\xbf](?=[A-Za-z]))")  # m³, µg
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_ASCII = re.compile(rb"[A-Za-z]")
_PLAIN = bytes(range(128))
_BEYOND_ASCII = 0x80  # and above
_MOST = 0.5
_OF_WINDOWS = b"\x80\x82\x84\x85\x89\x8b\x91\x92\x93\x94\x95\x96\x97\x99\x9b\xab\xb0\xbb"  # quotes, dashes: no letters
_FITS = 0.9
# Where ISO 8859-15 has another letter than Windows-1252: the euro for the sign of any currency, which nobody writes,
# and within words œ, š, Š and ž for signs that stand in no word. Windows alone has letters and signs from 0x80 to 0x9f.
_LATIN_9 = re.compile(rb"\xa4|(?<=[A-Za-z\xc0-\xff])[\xbc\xbd\xa6\xa8\xb8](?=[A-Za-z\xc0-\xff])")
_OF_WINDOWS_ALONE = re.compile(rb"[\x80-\x9f]")
_CYRILLIC = ("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic")
_FREQUENT = frozenset(
    "\u043e\u0435\u0430\u0438\u043d\u0442\u0441\u0440\u0432\u043b"
)  # of Russian, two thirds of any text
_SMALL = 0.2  # what a small letter says beside a frequent one: few texts are of capitals alone
_FEWEST_CYRILLIC = 5  # letters beyond ASCII, of a text of one line
_MOSTLY_FREQUENT = 0.4
_SLAVIC = re.compile("[\u0430-\u044f\u0451\u0456\u0457\u0454\u0491\u045e]")
_FEWEST = 3  # characters of two bytes that show what a text is
# Hebrew: its letters alone, of which five have a form of their own at the end of a word.
_HEBREW = range(0xE0, 0xFB)
_FINALS = re.compile(rb"[\xea\xed\xef\xf3\xf5](?=[\xe0-\xfa])")
_FINAL = re.compile(rb"[\xea\xed\xef\xf3\xf5](?![\xe0-\xfa])")
_THAI_CONSONANTS = range(0xA1, 0xCF)
_MOSTLY = 0.3
# Where the characters that are in daily use stand, by the first byte of two; the second is beyond ASCII but for two.
_DAILY: Mapping[str, tuple[range, int]] = {
    "cp932": (range(0x81, 0x98), 0x40),
    "euc_jp": (range(0xA1, 0xD0), 0xA1),
    "gb18030": (range(0xA1, 0xD8), 0xA1),
    "big5": (range(0xA1, 0xC7), 0x40),
    "cp949": (range(0xA1, 0xC9), 0xA1),
}

# What stands in headers and cells of clinics, by the encodings of the languages: patient, number, name, sex, age, date,
# diagnosis, disease, ward, visit, treatment, yes, no, and what organs and measurements are called.
_FAMILIAR: Mapping[str, frozenset[str]] = {
    "gb18030": frozenset(
        "编号姓名性别男女年龄岁出生日期诊断病人患者科室住院入院出院时间是否有无高低血压糖尿肝肾心肺脑胃癌炎症治疗药物剂量检查"
        "结果身体重白细胞红蛋总胆固醇正常异死亡手术组对照一二三四五六七八九十年月天周左右好差轻中度备注地区医生"
    ),
    "big5": frozenset(
        "編號姓名性別男女年齡歲出生日期診斷病人患者科室住院入院出院時間是否有無高低血壓糖尿肝腎心肺腦胃癌炎症治療藥物劑量檢查"
        "結果身體重白細胞紅蛋總膽固醇正常異死亡手術組對照一二三四五六七八九十年月天週左右好差輕中度備註地區醫生"
    ),
    "cp932": frozenset(
        "番号氏名性別男女年齢歳生日付診断病患者科室入院退時間有無高低血圧糖尿肝腎心肺脳胃癌炎症治療薬量検査結果身長体重白球赤"
        "総正常異死亡手術群対照一二三四五六七八九十年月週左右軽中度備考はいえのなしあり"
    ),
    "cp949": frozenset(
        "번호이름성별남여나자연령생년월일날짜진단병명환입원퇴시간유무예아니오혈압당뇨간신심폐암치료약검사결과체중키사망수술군"
    ),
}
_MOSTLY_FAMILIAR = 0.5


def asian_codec(sample: bytes) -> str | None:
    """Return the encoding of Chinese, Japanese or Korean in which a text is of words of clinics; None where in none.

    It tells of a few characters what their frequency tells of many alone.
    """
    shares = {codec: _familiar_share(sample, codec) for codec in _FAMILIAR}
    best = max(shares, key=lambda codec: shares[codec])
    return best if shares[best] >= _MOSTLY_FAMILIAR else None


def _familiar_share(sample: bytes, codec: str) -> float:
    try:
        read = [sign for sign in sample.decode(codec) if not sign.isascii()]
    except UnicodeDecodeError:
        return 0.0
    return sum(sign in _FAMILIAR[codec] for sign in read) / len(read) if len(read) >= _FEWEST else 0.0


def latin_codec(sample: bytes) -> str | None:
    """Return the encoding in which a text is best read as one of the languages of Latin letters; None where in none.

    Parameters
    ----------
    sample : bytes
        Lines with more than ASCII.

    """
    words = [word.translate(None, _OF_WINDOWS) for word in _WORD.findall(_UNITS.sub(b" ", sample))]
    whole, words = b"".join(words), [word for word in words if _ASCII.search(word)]
    text = b" ".join(words)
    if len(text.translate(None, _PLAIN)) < _MOST * len(whole.translate(None, _PLAIN)):
        return None  # words without a letter of ASCII are of another alphabet
    scores = {codec: score for codec, languages in _LATIN.items() if (score := _score(text, codec, languages)) > 0}
    if not scores:
        return None
    best = max(scores, key=lambda codec: scores[codec])  # the first of equals
    if best == "cp1252" and scores.get("cp1254") == scores[best]:
        read = text.decode(best).lower()
        is_turkish = any(letter in read for letter in "\u00fe\u00f0\u00fd") and not any(
            each in read for each in _ICELANDIC
        )
        return "cp1254" if is_turkish else best
    return best


def is_latin_9(sample: bytes) -> bool:
    """Tell whether a text of Western letters is in ISO 8859-15, which has the euro, rather than in Windows-1252."""
    return bool(_LATIN_9.search(sample)) and not _OF_WINDOWS_ALONE.search(sample)


def _score(text: bytes, codec: str, languages: tuple[str, ...]) -> float:
    """Return how many of the letters beyond ASCII are of the language that has most of them; 0 where too few are."""
    try:
        read = text.decode(codec)
    except UnicodeDecodeError:
        return 0
    letters = [
        letter if not (letter.isupper() and before.islower()) else ""  # no capital letter stands behind a small one
        for before, letter in pairwise(f" {read}")
        if not letter.isascii()
    ]
    if not letters:
        return 0
    of_best = max(
        sum(letter != "" and (letter in language or letter.lower() in language) for letter in letters)
        for language in (each + _IN_NAMES for each in languages)
    )
    return of_best if of_best >= _FITS * len(letters) else 0


def is_hebrew(sample: bytes) -> bool:
    """Tell whether a text is Hebrew in Windows-1255: only its letters, with final forms at the ends of words alone."""
    beyond = [byte for byte in sample if byte >= _BEYOND_ASCII]
    return all(byte in _HEBREW for byte in beyond) and may_be_hebrew(sample) and bool(_FINAL.search(sample))


def may_be_hebrew(sample: bytes) -> bool:
    """Tell whether no final form of Windows-1255 would stand within a word."""
    return not _FINALS.search(sample)


def may_be_japanese(sample: bytes) -> bool:
    """Tell whether a text is all of characters in daily use in Shift JIS, whose second bytes are often ASCII."""
    if _daily_share(sample, "cp932") < _FITS:
        return False
    pairs = [each for letter in sample.decode("cp932") if len(each := letter.encode("cp932")) > 1]
    return len(pairs) >= _FEWEST and sum(each[1] >= _BEYOND_ASCII for each in pairs) * 2 >= len(pairs)


def cyrillic_codec(sample: bytes) -> str | None:
    """Return the encoding in which few words are Cyrillic, with many of its frequent letters; None where in none."""
    codec = likeliest_cyrillic(sample, _CYRILLIC[0])
    read = [letter for letter in sample.decode(codec, "replace").lower() if not letter.isascii()]
    if len(read) < _FEWEST_CYRILLIC or not all(map(_SLAVIC.fullmatch, read)):
        return None
    return codec if sum(letter in _FREQUENT for letter in read) >= _MOSTLY_FREQUENT * len(read) else None


def likeliest_cyrillic(sample: bytes, found: str) -> str:
    """Return the encoding of Cyrillic in which a text has most of the frequent letters; another is left as it is."""
    if found not in _CYRILLIC:
        return found

    def frequent(codec: str) -> float:
        text = sample.decode(codec, "replace")
        read = [letter for letter in text.lower() if not letter.isascii()]
        small = sum(letter.islower() and not letter.isascii() for letter in text)
        others = sum(not _SLAVIC.fullmatch(letter) for letter in read)
        return sum(letter in _FREQUENT for letter in read) + _SMALL * small - others

    return max(_CYRILLIC, key=frequent)  # the first of equals


def may_be_thai(sample: bytes) -> bool:
    """Tell whether enough of a text would be consonants in Windows-874."""
    beyond = [byte for byte in sample if byte >= _BEYOND_ASCII]
    return sum(byte in _THAI_CONSONANTS for byte in beyond) >= _MOSTLY * len(beyond)


def _daily_share(sample: bytes, codec: str) -> float:
    """Return which share of the characters of two bytes is in daily use; 0 where the text is not in that encoding."""
    firsts, second = _DAILY[codec]
    try:
        read = sample.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    beyond = [letter.encode(codec) for letter in read if not letter.isascii()]
    daily = sum(len(each) == 2 and each[0] in firsts and each[1] >= second for each in beyond)  # noqa: PLR2004 - bytes
    return daily / len(beyond) if beyond else 0.0


def likeliest_of_asia(sample: bytes, found: str) -> str:
    """Return the encoding of Chinese, Japanese or Korean that was found, or the one that fits far better."""
    if found not in _DAILY:
        return found
    shares = {codec: _daily_share(sample, codec) for codec in _DAILY}
    best = max(shares, key=lambda codec: shares[codec])
    return best if shares[found] < _FITS <= shares[best] else found
