"""Secrets Manager over the wire: what secrets are like without their values, and the values of just those versions."""
