"""Known answers to the exercises of `1-dates/dates.ipynb`."""

from calendar import isleap, monthrange

from autograder.judging.bend import on_output
from autograder.judging.model import Catalogue, Mistake

from .spec import reference_days_in_months

is_leap_year = Catalogue(
    mistakes={
        "every fourth year": Mistake(lambda year: year % 4 == 0, "It treats every fourth year as a leap year."),
        "no century": Mistake(
            lambda year: year % 4 == 0 and year % 100 != 0, "It treats no first year of a century as a leap year."
        ),
    },
    variants={"standard library": lambda year: isleap(year)},
)

days_in_months = Catalogue(
    mistakes={
        "in reverse": Mistake(
            answer=on_output(reference_days_in_months, lambda days: days[::-1]), hint="It begins with December."
        ),
        "never 29": Mistake(
            lambda year: [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], "February always has 28 days here."
        ),
    },
    variants={"standard library": lambda year: [monthrange(year, month)[1] for month in range(1, 13)]},
)
