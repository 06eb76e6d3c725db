"""Papers: certificates and reports, rendered from frozen facts into PDF bytes that are the same every time.

May import data, domain and calculation; it gets facts, never rows, and fetches nothing but the portal's own files.
When you come with a new kind of paper, add its facts and its module here and its template under templates/documents/<kind>/<version>/.
"""
