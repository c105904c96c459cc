"""A trial as clinics send it, the same on every machine: what the report is measured on where there is much to tell."""

import numpy as np
import polars as pl
from trial import SEED, make_trial

_SLIPS = 0.01  # of the cells


def make_messy(rows: int, columns: int) -> pl.DataFrame:
    """Return a table with typing errors in text, dates in several notations, codes for missing, limits and units."""
    chance = np.random.default_rng(SEED)
    trial = make_trial(rows)
    kinds = [_spell(trial["sex"]), _date(trial["enrolled"]), _code(trial["age"]), _limit(trial["bilirubin"])]
    kinds += [_unit(trial["weight"]), _word(trial["bilirubin"])]
    made: list[pl.Series] = [trial["patient_id"]]
    for at in range(columns - 1):
        clean, messy = kinds[at % len(kinds)]
        is_slip = pl.Series(chance.random(rows) < _SLIPS)
        made.append(messy.zip_with(is_slip, clean).rename(f"{messy.name}_{at}"))
    return pl.DataFrame(made)


def _spell(sex: pl.Series) -> tuple[pl.Series, pl.Series]:
    return sex, sex.str.to_titlecase().str.replace("ale", "lae").rename("sex")


def _date(day: pl.Series) -> tuple[pl.Series, pl.Series]:
    return day.dt.strftime("%Y-%m-%d"), day.dt.strftime("%d.%m.%Y").rename("visit")


def _code(age: pl.Series) -> tuple[pl.Series, pl.Series]:
    return age, pl.Series("age", [999], dtype=age.dtype).new_from_index(0, age.len())


def _limit(value: pl.Series) -> tuple[pl.Series, pl.Series]:
    return value.cast(pl.String), pl.Series("crp", ["<0.5"]).new_from_index(0, value.len())


def _unit(weight: pl.Series) -> tuple[pl.Series, pl.Series]:
    text = weight.cast(pl.String)
    return text, (text + " kg").rename("weight")


def _word(value: pl.Series) -> tuple[pl.Series, pl.Series]:
    text = value.cast(pl.String)
    return text, (text.str.replace(".", "o", literal=True)).rename("lab")
