"""Rules: states, permissions, findings, certificates and the ledger's arithmetic, as pure values and functions.

May import calculation and the standard library; knows no Flask, no database, no clock and no randomness: moment and actor are arguments.
When you come with a new noun, add `<noun>.py` with its states as a StrEnum, its events in the past tense and its rules as functions that return Problems.
"""
