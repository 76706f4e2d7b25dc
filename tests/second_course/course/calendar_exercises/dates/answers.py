"""Known answers to the exercises of `1-dates/dates.ipynb`."""

from calendar import isleap, monthrange

# %% wrong is_leap_year: every fourth year
# hint: It treats every fourth year as a leap year.
def is_leap_year(year):
    return year % 4 == 0

# %% wrong is_leap_year: no century
# hint: It treats no first year of a century as a leap year.
def is_leap_year(year):
    return year % 4 == 0 and year % 100 != 0

# %% right is_leap_year: standard library
def is_leap_year(year):
    return isleap(year)

# %% wrong days_in_months: in reverse
# hint: It begins with December.
def days_in_months(year):
    return [monthrange(year, month)[1] for month in range(12, 0, -1)]

# %% wrong days_in_months: never 29
# hint: February always has 28 days here.
def days_in_months(year):
    return [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

# %% right days_in_months: standard library
def days_in_months(year):
    return [monthrange(year, month)[1] for month in range(1, 13)]
