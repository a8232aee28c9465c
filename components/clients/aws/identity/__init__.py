"""Ways to get an AWS identity: the runner's, a ServiceAccount's, a pod's, and roles assumed one after the other."""
