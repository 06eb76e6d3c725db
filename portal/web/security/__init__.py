"""Logging in, by Flask-Security: its settings, and our own parts in the places it leaves for them.

May import Flask-Security, Flask-Login and everything that web may; the only package that knows how they work inside.
When you come with a new part (a form, a signal, a utility class), add a module here and name it in `setup.py`.
"""
