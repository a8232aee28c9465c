"""The dynamic providers. Their dotted paths are stored in every user's state: they never move (a test pins them)."""
