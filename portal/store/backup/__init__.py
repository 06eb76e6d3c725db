"""Backups: the sealed file, the archive inside it, a frozen look at the database, plain rows, and files in folders.

May import the rest of the store; knows no settings, no service and no clock (the moment comes as an argument).
When you come with something new that a restored portal needs, give it a name in `archive.py`, write and check it in `services/backups.py`, and say so in docs/operations.md.
"""
