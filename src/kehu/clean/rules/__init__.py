"""The rules a steward writes over the touches: check, mend, derive, mark, hold back.

`rule.py` says what a rule is, `compiled.py` makes it run, `applying.py` runs it over a touch: pure, all three. Only
`store.py` reads and writes the database.
"""
