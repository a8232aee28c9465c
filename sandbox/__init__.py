"""One machine, no AWS account, no cluster, no Pulumi CLI: embedded AWS, Kubernetes API and engine for development."""
