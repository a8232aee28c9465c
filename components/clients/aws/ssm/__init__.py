"""Parameter Store over the wire: parameters by name, by path and by tags, in as few calls as possible."""
