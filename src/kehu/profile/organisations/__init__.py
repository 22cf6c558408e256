"""Organisations: names.py and comparison.py say what two of them share, finding.py keeps what was found as relations,
queries.py is the list and the page of one.
"""
