"""Rows: the tables, their constraints and the queries that read and write them.

May import domain and calculation; knows no Flask, no HTTP and no clock (moments come as arguments).
When you come with a new noun, add `<noun>.py` with its class and its queries, a migration, and the constraint that restates its rule.
"""
