"""The lexicon: the clinical language of questions, read from `lexicon.toml` into normal words."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

from clinical_nb.ask.language.words import normal, normal_words, root
from clinical_nb.plan import Sign

Phrase = tuple[str, ...]
_TEXTS = 1 << 15  # names, labels and levels that are remembered: each is looked at several times


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something that people ask and that is not done, with what to say.

    `refused` is what no reading may answer, however well it was understood; of what is `timed`, what the data lack is
    said instead.
    """

    say: str
    phrases: frozenset[Phrase]
    refused: bool
    timed: bool

    def is_said(self, words: Phrase) -> bool:
        """Tell whether normal words hold one of its phrases."""
        return any(
            words[at : at + len(phrase)] == phrase
            for phrase in self.phrases
            for at in range(len(words) - len(phrase) + 1)
        )


@dataclass(frozen=True)
class Lexicon:
    """Phrases of normal words: `same` maps a phrase to the first of its synonyms, `keywords` a class to its phrases.

    `words` are classes whose phrases are names too, where these have them.
    """

    same: Mapping[Phrase, Phrase]
    neutral: frozenset[Phrase]
    headings: frozenset[Phrase]
    function: frozenset[str]
    links: frozenset[str]
    joining: frozenset[str]
    arm_said: frozenset[Phrase]
    arm_named: frozenset[Phrase]
    age: frozenset[Phrase]
    yes: frozenset[Phrase]
    no: frozenset[Phrase]
    weak: frozenset[Phrase]
    units: Mapping[Phrase, Phrase]
    number_words: Mapping[str, int]
    keywords: Mapping[str, frozenset[Phrase]]
    words: Mapping[str, frozenset[Phrase]]
    beyond: tuple[Beyond, ...]
    times: Mapping[str, tuple[Phrase, ...]]
    qualifiers: frozenset[str]
    elsewhere: frozenset[str]
    relative: frozenset[str]
    narrowing: frozenset[str]
    ungraded: frozenset[str]
    control: frozenset[str]
    of_women: frozenset[str]
    exposures: frozenset[str]
    moments: frozenset[str]
    names: Mapping[str, str]
    dose_said: frozenset[Phrase]
    parameter: frozenset[Phrase]
    measured: frozenset[Phrase]
    light: frozenset[str]
    when: frozenset[str]
    scale: frozenset[str]
    circumstance: frozenset[str]
    transparent: frozenset[str]
    prepositions: frozenset[str]
    units_named: frozenset[Phrase]
    termed: frozenset[Phrase]
    termed_rows: frozenset[Phrase]
    grading: frozenset[str]
    forms: frozenset[str]
    aside: frozenset[str]
    standard: frozenset[Phrase]
    endpoints: tuple[frozenset[Phrase], ...]
    paired: frozenset[str]
    rows: Mapping[Phrase, Phrase]
    members: Mapping[Phrase, Phrase]
    independent: Mapping[str, frozenset[Phrase]]  # the verbs, rows and ends of "treating rows as independent"
    manner: Mapping[str, frozenset[Phrase]]  # what says how something is to be computed
    stratifying: Mapping[str, frozenset[Phrase]]  # what stands before strata, of times and of odds
    taken: Mapping[str, frozenset[Phrase]]  # which of a person's rows is meant, or what they come to
    typed_groups: Mapping[str, frozenset[str]]  # the classes of keywords that name an analysis, by what they tell of it
    dated: frozenset[str]  # the classes of keywords for what happened on a date
    plain: frozenset[str]  # the classes of keywords that are no part of naming an analysis

    changes: Mapping[str, frozenset[Phrase]]
    change_words: frozenset[str]
    change_nouns: Mapping[str, frozenset[str]]
    change_tails: frozenset[Phrase]
    first_days: tuple[str, ...]
    twice: Mapping[str, frozenset[Phrase]]  # how the one before and the one after of two measurements are told
    better: Mapping[str, frozenset[str]]
    day_words: Mapping[str, str]
    day_empty: frozenset[str]
    day_named: frozenset[str]
    lasting: Mapping[str, frozenset[Phrase]]
    months: Mapping[str, int]
    comparatives: Mapping[str, tuple[str, Sign]]  # the noun of "thicker", and on which side of a number it is

    @cached_property
    def telling_apart(self) -> frozenset[str]:
        """The words that tell what is meant from what is near it: as they are, and no others of their family."""
        apart = (self.qualifiers, self.elsewhere, self.relative, self.narrowing, self.ungraded, self.light, self.when)
        return frozenset[str]().union(*apart, self.scale)

    @cached_property
    def telling(self) -> frozenset[str]:
        """The classes of keywords that tell by themselves what is asked; "visited" does only beside a period."""
        return self.plain | self.typed

    @cached_property
    def typed(self) -> frozenset[str]:
        """The classes of keywords that name an analysis."""
        return frozenset[str]().union(*self.typed_groups.values())

    @cached_property
    def _canonical(self) -> dict[Phrase, Phrase]:
        return {}

    @cached_property
    def _cores(self) -> dict[Phrase, Phrase]:
        return {}

    @cached_property
    def _same_starts(self) -> Mapping[str, int]:
        return _starts(self.same)

    @cached_property
    def _neutral_starts(self) -> Mapping[str, int]:
        return _starts(self.neutral)

    @cached_property
    def _nothing(self) -> Mapping[Phrase, Phrase]:
        return dict.fromkeys(self.neutral, ())

    @cached_property
    def time_words(self) -> frozenset[str]:
        """The words with which a time begins."""
        return frozenset(phrase[0] for phrases in self.times.values() for phrase in phrases)

    def times_at(self, words: Phrase, start: int) -> Iterator[tuple[str, Phrase, int]]:
        """Yield each time that the words at a place say, with its words and the place after them."""
        for time, phrases in self.times.items():
            said = next((phrase for phrase in phrases if words[start : start + len(phrase)] == phrase), None)
            if said:
                yield time, said, start + len(said)

    def phrases(self, name: str) -> frozenset[Phrase]:
        """Return the phrases of a class of words."""
        return self.keywords[name] if name in self.keywords else self.words[name]

    def canonical(self, words: Phrase) -> Phrase:
        """Replace each longest phrase that has synonyms by the first of them."""
        found = self._canonical.get(words)
        if found is None:
            found = _remember(self._canonical, words, _replaced(words, self.same, self._same_starts))
        return found

    def core(self, words: Phrase) -> Phrase:
        """Leave out the neutral phrases and what links them; all of them stay where nothing else would."""
        found = self._cores.get(words)
        if found is None:
            left = _replaced(words, self._nothing, self._neutral_starts)
            found = _remember(self._cores, words, tuple([word for word in left if word not in self.links]) or words)
        return found


@cache
def lexicon() -> Lexicon:
    """Return the lexicon, read once."""
    data, made, typed, timed = map(_load, ("lexicon.toml", "deriving.toml", "typed.toml", "timed.toml"))
    typed = {part: {**phrases, **timed.get(part, {})} for part, phrases in typed.items()}
    more = {name: phrases for part in typed.values() for name, phrases in part.items()}
    plain = {**data["keywords"], **made["keywords"]}
    return Lexicon(
        same=_first_of_each(data["synonyms"]),
        neutral=_phrases(data["neutral"]),
        headings=_phrases(data["headings"]),
        function=frozenset(data["function"]),
        links=frozenset(data["links"]),
        joining=frozenset(data["joining"]),
        arm_said=_phrases(data["arm"]["said"]),
        arm_named=_phrases(data["arm"]["named"]),
        age=_phrases(data["age"]),
        yes=_phrases(data["yes"]),
        no=_phrases(data["no"]),
        weak=_phrases(data["weak"]),
        units=_first_of_each(data["units"]),
        number_words=data["number_words"],
        keywords={name: _phrases(phrases) for name, phrases in {**plain, **more}.items()},
        words={name: _phrases(phrases) for name, phrases in data["words"].items()},
        changes={way: _phrases(phrases) for way, phrases in made["changes"].items()},
        change_words=frozenset(made["change_words"]),
        change_nouns={verb: frozenset(words) for verb, words in made["change_nouns"].items()},
        change_tails=_phrases(made["change_tails"]),
        twice={when: _phrases(phrases) for when, phrases in made["twice"].items()},
        first_days=tuple(made["dates"]["first"]),
        better={way: frozenset(words) for way, words in made["better"].items()},
        day_words={word: line[0] for line in made["dates"]["said"] for word in line},
        day_empty=frozenset((*made["dates"]["empty"], *made["dates"]["named"])),
        day_named=frozenset(made["dates"]["named"]),
        lasting={name: _phrases(phrases) for name, phrases in made["times"].items()},
        months={word: month for month, line in enumerate(made["dates"]["months"], 1) for word in line},
        beyond=tuple(
            Beyond(each["say"], _phrases(each["words"]), each.get("refused", False), each.get("timed", False))
            for each in data["beyond"]
        ),
        times={time: _longest_first(phrases) for time, phrases in data["times"].items()},
        qualifiers=frozenset(data["qualifiers"]),
        elsewhere=frozenset(data["elsewhere"]),
        relative=frozenset(data["relative"]),
        narrowing=frozenset(data["narrowing"]),
        ungraded=frozenset(data["ungraded"]),
        control=frozenset(data["control"]),
        of_women=frozenset(data["of_women"]),
        exposures=_families(data["exposures"]),
        moments=frozenset(data["moments"]),
        names=data["names"],
        dose_said=_phrases(data["arm"]["dose_said"]),
        parameter=_phrases(data["parameter"]),
        measured=_phrases(data["measured"]),
        light=frozenset(map(normal, data["light"])),
        when=frozenset(data["when"]),
        scale=frozenset(data["scale"]),
        circumstance=frozenset(data["circumstance"]),
        transparent=frozenset(data["transparent"]),
        prepositions=frozenset(data["prepositions"]),
        units_named=_phrases(data["units_named"]),
        termed=_phrases(data["termed"]),
        termed_rows=_phrases(data["termed_rows"]),
        forms=_families(data["forms"]),
        grading=frozenset(data["grading"]),
        aside=_families(data["aside"]),
        standard=_phrases(data["standard"]),
        paired=frozenset(data["paired"]),
        endpoints=tuple(frozenset(spoken(text) for text in line) for line in data["endpoints"]),
        rows=_first_of_each(data["rows"]),
        members=_first_of_each(data["members"]),
        independent={part: _phrases(phrases) for part, phrases in data["independent"].items()},
        manner={part: _phrases(phrases) for part, phrases in data["manner"].items()},
        stratifying={part: _phrases(phrases) for part, phrases in data["stratifying"].items()},
        taken={part: _phrases(phrases) for part, phrases in data["taken"].items()},
        typed_groups={part: frozenset(typed[part]) for part in ("asks", "tests", "periods")},
        dated=frozenset(typed["dated"]),
        plain=frozenset(plain),
        comparatives={
            word: (noun, sign)
            for noun, signs in data["comparatives"].items()
            for sign, line in signs.items()
            for word in line
        },
    )


def _load(file: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__ or "").joinpath(file).read_text("utf-8"))


@lru_cache(maxsize=_TEXTS)
def phrase_of(text: str) -> Phrase:
    """Return the normal words and signs of a text."""
    return normal_words(text)


@lru_cache(maxsize=_TEXTS)
def spoken(text: str) -> Phrase:
    """Return the normal words of a name, a label or a level, without the signs between them."""
    return without_signs(phrase_of(text))


def without_signs(phrase: Phrase) -> Phrase:
    """Leave out what is neither a letter nor a digit."""
    return tuple([word for word in phrase if word[0].isalnum()])


def _phrases(texts: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(map(phrase_of, texts))


def _families(words: Iterable[str]) -> frozenset[str]:
    """Return words as they are and as what they have in common with others of their family."""
    return frozenset(each for word in words for each in (normal(word), root(normal(word))))


def _longest_first(texts: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(sorted(_phrases(texts), key=lambda phrase: (-len(phrase), phrase)))


def _first_of_each(lines: Iterable[list[str]]) -> dict[Phrase, Phrase]:
    return {phrase_of(text): phrase_of(line[0]) for line in lines for text in line}


def _remember(kept: dict[Phrase, Phrase], words: Phrase, found: Phrase) -> Phrase:
    """Keep what was found of words, among so many, and return it."""
    if len(kept) >= _TEXTS:
        kept.clear()
    kept[words] = found
    return found


def _starts(phrases: Iterable[Phrase]) -> dict[str, int]:
    """Return the first words of phrases, each with the length of the longest phrase that begins with it."""
    found: dict[str, int] = {}
    for phrase in phrases:
        found[phrase[0]] = max(found.get(phrase[0], 0), len(phrase))
    return found


def _replaced(words: Phrase, replacements: Mapping[Phrase, Phrase], starts: Mapping[str, int]) -> Phrase:
    """Replace from the left, the longest phrase first."""
    if starts.keys().isdisjoint(words):  # nearly always, and asked of every level of a dictionary
        return words
    result: list[str] = []
    at = 0
    while at < len(words):
        lengths = range(min(starts.get(words[at], 0), len(words) - at), 0, -1)
        length = next((length for length in lengths if words[at : at + length] in replacements), 0)
        result.extend(replacements[words[at : at + length]] if length else words[at : at + 1])
        at += length or 1
    return tuple(result)
