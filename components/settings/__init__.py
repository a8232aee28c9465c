"""YAML in, arguments out: the settings of a stack, manifests, and the order in which what they hold is declared."""
