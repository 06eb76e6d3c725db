"""The resources of version 1, a module for each noun.

May import what api may; a view gets a `Call`, calls one service, and gives back an `Answer`.
When you come with a new noun, add its module here: `portal.api.door` finds it.
"""
