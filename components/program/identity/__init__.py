"""The identity that a store creates: IAM roles with trust and policies, ServiceAccount, Pod Identity association.

pulumi_aws and pulumi_kubernetes take seconds to import, so that they are imported where a store creates something.
"""
