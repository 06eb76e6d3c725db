"""Reading: what people and machines typed becomes exact values, or Problems that say how to mend it.

May import domain and calculation; it is pure: no Flask, no database, no clock, no randomness, no environment.
When you come with a new kind of input, add its strict grammar here once, so that form, workbook and API all read alike.
"""
