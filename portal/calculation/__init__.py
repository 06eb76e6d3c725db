"""NUMBERS: units, quantities, periods, factors, methods, assessments and roll-ups, as pure functions of plain values.
Modules here import only the standard library and each other: no Flask, database, clock, randomness, environment or files.
Come with a new kind of emission? Add its category to portal/data/categories.toml, its formula to the subject's module
(fuels, livestock …) and to the table in methods.py, and a worked case with its source to tests/cases.
"""
