"""Provider plugins for the sandbox: they speak Pulumi's provider protocol, so the real CLI can start them from PATH."""
