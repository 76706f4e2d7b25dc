"""Every empirical sentence of the notebooks, tested over the settings that a sceptic would change.

A module has the name of its notebook. It defines ``CLAIMS``, the sentences that an experiment supports, and
``SETTINGS``, the other sentences with a number: definitions, settings, arithmetic, and the texts of exercises.
``test_claims.py`` fails for a sentence with a number that is in neither, so no result can be stated untested.

Slow experiments are stored in ``stored/``. ``make claims`` computes them again (see `grids`).
"""
