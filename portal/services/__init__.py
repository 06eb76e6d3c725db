"""Verbs: who may, in which order, inside one transaction that the caller owns.

May import intake, store, documents, mail, domain, calculation and the loaders of portal.data; never commits and knows no Flask.
When you come with a new verb, put it in the module of its noun, take the Work first, ask `work.demand(...)`, and record what changed in the ledger.
"""
