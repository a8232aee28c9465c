"""Where Pulumi starts the policy pack."""

from rules.adapter import serve

serve()
