"""Raw text in, canonical values out: names, phones, addresses and the rest.

Every module here that is named after a value is pure: it needs no Django and no database, so the same function runs
in a page, a job, a notebook and the matcher.
"""
