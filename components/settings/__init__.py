"""YAML in, arguments out: the settings of a stack, manifests, and the order in which what they hold is declared.

Every reader raises SpecError where a field is not what it should be, or asks for what is not supported; its text names
the field, and what is expected.
"""
