"""One Secret: what is, what is wanted, why they differ, and the write."""
