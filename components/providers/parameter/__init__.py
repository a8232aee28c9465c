"""One PushSecret: what its Secret and its parameters are, what is wanted, why they differ, and the writes."""
