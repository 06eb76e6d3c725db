"""Looking into strangers' files: one checker for each kind, run in a child process of its own that can't do harm.

May import domain, calculation, pikepdf, Pillow and calamine; nothing of the house imports the checkers but the children's
own entries (`__main__` looks into evidence, `sheet_rows` reads what stands in a workbook).
When you come with a new kind of file, add its checker here, its kind to `domain/evidence.py`, and cases to the tests.
"""
