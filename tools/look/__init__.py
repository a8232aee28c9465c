"""Looks at the access map's page in a real browser."""
