"""Importing files: read, guess what the columns mean, show what rows become, append them to the inbox.

The door is `kehu.collect.imports.service`.
"""
