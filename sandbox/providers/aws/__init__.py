"""The sandbox's `aws` provider: one table entry per resource type, and generic machinery that works through boto3."""
