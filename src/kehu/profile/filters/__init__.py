"""Which customers: a tree of tests and groups, checked against what an actor may ask, and made into SQL.

tree.py is what is saved, sent and shown; operators.py what can be asked of a value; field.py what a field is, the
modules named *_fields.py what there is to ask, fields.py all of it; compiler.py writes the condition. A room that adds
something to ask (a tag, a score) calls `fields.register`.
"""
