"""The edge: AWS and Kubernetes over the wire, with time limits, retries and errors that never quote a value."""
