"""A small embedded Pulumi engine: runs an unmodified Python program over the real protocol, without the Pulumi CLI."""
