"""Who belongs to whom without being one: kinds.py says what there is, combining.py what several sources' words come to,
queries.py what an actor sees of it, typed.py what a person may say. Rows are written by `profile.facts` as the road
brings them, so relations hang on records and follow every merge and unmerge.
"""
