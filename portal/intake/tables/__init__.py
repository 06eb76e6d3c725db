"""Tables that a supplier already has: guessing what their columns and texts mean, and reading rows by what was settled.

Pure, as all of intake: rows come in as cells, whatever file they stood in. When you come with a new word for a column
or a category, add it to `titles.py` or `synonyms.py`; a new shape of table belongs to `guessing.py` and `rows.py`.
"""
