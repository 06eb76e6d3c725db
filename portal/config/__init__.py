"""The portal's settings: read once from the environment, checked all at once, then never changed.

Imports nothing of the house. When you come with a new setting, name it in `names.py`, read it in `reading.py`, and give it
a field in `settings.py`; `portal doctor` and docs/operations.md follow.
"""
