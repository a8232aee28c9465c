"""Behind the components, in the user's process: what a store is asked for, its identity, account and cluster."""
