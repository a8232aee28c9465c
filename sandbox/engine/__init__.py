"""A small embedded Pulumi engine: runs an unmodified Python program against the real protocol, without the Pulumi CLI."""
