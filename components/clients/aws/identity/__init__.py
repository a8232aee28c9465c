"""The ways to take an AWS identity: of the runner, of a ServiceAccount, of a pod, and roles one after the other."""
