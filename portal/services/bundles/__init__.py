"""Evidence bundles: all that an auditor needs to check an approved submission at home, in one archive.

May import what services may; what a bundle holds is gathered in one transaction, and written after it has ended, because evidence is large.
When you come with a new file for the archive, make its bytes from what is gathered (`papers.py`) and let `portal.services.recomputation` check it.
"""
