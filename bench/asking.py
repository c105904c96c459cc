"""Reading a question: on 300 columns with 5,000 levels and on 10,000 columns, first and again."""

import random
import statistics
from time import perf_counter

from clinical_nb.ask.reading import read_question
from clinical_nb.dictionary.meaning import Column, Dictionary, Level

SEED, ROUNDS, GRADED = 3, 5, 50
WORDS = [
    "renal",
    "cardiac",
    "hepatic",
    "plasma",
    "urinary",
    "sodium",
    "calcium",
    "marker",
    "ratio",
    "index",
    "dose",
    "volume",
    "pressure",
    "flow",
    "rate",
    "mass",
    "density",
    "grade",
    "stage",
    "form",
    "class",
    "signal",
    "pain",
    "sleep",
    "walk",
    "grip",
    "stair",
]
QUESTIONS = (
    "how many women over 65 on placebo",
    "mean age by arm",
    "what proportion of women with diabetes are on placebo",
    "mean age of women with diabetes by arm",
    "compare age between placebo and active drug in women",
    "table 1 by arm with age and sex",
    "is there any difference in mean age between men and women with diabetes who were on placebo, p value please?",
    "mean xyzzy by arm",
)


def make_dictionary(columns: int, levels: int) -> Dictionary:
    """Return a dictionary of so many columns, of which some have the levels."""
    chance = random.Random(SEED)  # noqa: S311 - words to measure with

    def levels_of(*labels: str) -> tuple[Level, ...]:
        return tuple(Level(value=at, label=label) for at, label in enumerate(labels))

    made = {
        "patient_id": Column(kind="identifier", role="patient"),
        "arm": Column(kind="binary", role="arm", label="treatment arm", levels=levels_of("placebo", "active drug")),
        "age": Column(kind="numeric", unit="years"),
        "sex": Column(kind="binary", levels=levels_of("female", "male")),
        "diabetes": Column(kind="binary", levels=levels_of("no", "yes")),
    }
    for at in range(columns - len(made)):
        label = f"{' '.join(chance.sample(WORDS, 3))} {at}"
        named = [f"{chance.choice(WORDS)} {chance.choice(WORDS)} {at} {of}" for of in range(levels // GRADED)]
        is_graded = at < GRADED
        made[f"x{at}"] = (
            Column(kind="categorical", label=label, levels=levels_of(*named))
            if is_graded
            else Column(kind="numeric", label=label)
        )
    return Dictionary(tables={"trial": made})


def main() -> None:
    """Read each question several times; the first of all makes what the others are read with."""
    for columns, levels, wanted in ((300, 5_000, "50 ms, worst 200 ms"), (10_000, 5_000, "1 s")):
        dictionary = make_dictionary(columns, levels)
        times: list[float] = []
        for question in QUESTIONS * ROUNDS:
            start = perf_counter()
            read_question(question, "trial", dictionary)
            times.append(1000 * (perf_counter() - start))
        first, *later = times
        print(
            f"Reading on {columns:,} columns, {levels:,} levels: first {first:.0f} ms; then median "
            f"{statistics.median(later):.0f} ms, worst {max(later):.0f} ms (wanted: {wanted})"
        )


if __name__ == "__main__":
    main()
