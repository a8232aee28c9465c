"""The files and objects of manifests: which are ours, which are passed over, and why."""
