"""The exercises of `1-dates/dates.ipynb`."""

from autograder.judging.cases import case
from autograder.judging.model import Exercise, Rule


def reference_is_leap_year(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def cases_ordinary_years(rng):
    for year in (1996, *rng.choice(range(1904, 1996), size=12, replace=False)):  # at least one leap year
        yield case(int(year), about=f"{year}")


def cases_centuries(rng):
    for year in (1700, 1800, 1900, 2000, 2100, 2400):
        yield case(year, about=f"{year}")


is_leap_year = Exercise(
    signature="is_leap_year(year)",
    slide="The Gregorian calendar",
    reference=reference_is_leap_year,
    rules=(
        Rule("years between two centuries", 1, cases_ordinary_years, "How many leap years are there in four years?"),
        Rule("the first year of a century", 2, cases_centuries, "Which centuries begin with a leap year?"),
    ),
)


def reference_days_in_months(year):
    february = 29 if reference_is_leap_year(year) else 28
    return [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


days_in_months = Exercise(
    signature="days_in_months(year)",
    slide="The Gregorian calendar",
    reference=reference_days_in_months,
    rules=(Rule("twelve months", 2, cases_ordinary_years, "Which months are short?"),),
)
