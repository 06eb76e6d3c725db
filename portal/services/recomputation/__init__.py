"""Working out every number of an evidence bundle again, from its files alone: no database, no network, no clock.

May import what services may, but takes plain values and frozen content only; each number takes the way that the portal itself takes.
When you come with a new number in frozen content, let the function that makes it be called from here too, and add its change to the forger's test.
"""
