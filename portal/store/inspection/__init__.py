"""Looking into evidence files: one checker for each kind, run in a child process of its own that can't do harm.

May import domain, calculation, pikepdf and Pillow; nothing of the house imports the checkers but the child's own entry.
When you come with a new kind of file, add its checker here, its kind to `domain/evidence.py`, and cases to the tests.
"""
