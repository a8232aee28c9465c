"""Who may read what: from the resources of a stack or a preview to rows, and those as JSON, tables, a page or a diff.

Everything comes from declarations, and nothing from a value. `stack_state` reads what Pulumi prints, `declared_access`
what the dynamic resources and the roles say, and `access_map` puts the two together.
"""
