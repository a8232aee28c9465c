"""From what was read to one Kubernetes Secret, and whose it is."""
