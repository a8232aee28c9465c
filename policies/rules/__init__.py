"""The rules of the policy pack: pure functions on plain data; adapter.py alone knows of pulumi_policy.

A module holds the rules of one noun, and catalogue.py lists all of them. Nothing here imports the library: the pack has
a virtualenv of its own, and a user may run it on programs that do not use the library.
"""
