"""The portal of a zero-carbon alliance: suppliers report emissions, coordinators approve, certificates come out.

From the ground up the floors are calculation, domain, data, the hands (intake, store, documents, mail), services, the doors (web, jobs, cli) and app: imports go down only.
When you come with something new, give its noun the same module name on every floor that it needs.
"""

__version__ = "0.1.0"
