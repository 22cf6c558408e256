"""Corrections sent to whoever answers for a source: what it says, what is right, until the source says otherwise."""
