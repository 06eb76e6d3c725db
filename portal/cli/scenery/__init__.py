"""The demo alliance: its places, its cast, their years of data, and what happened to them.

May import services and everything below; every number comes from one seeded generator, so that the demo is always the same.
When you come with something the demo should show, add it to the story; whatever can be done through a service is done through it.
"""
