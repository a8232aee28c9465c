"""Parameter Store and STS at addresses of your own: a VPC endpoint, or a stand-in for AWS."""

import os

import pulumi
import pulumi_aws as aws
from pulumi_parameter_store import ExternalSecret, SecretStore

url = os.environ["AWS_ENDPOINT_URL"]  # such as https://vpce-0123-ssm.eu-central-1.vpce.amazonaws.com
here = aws.Provider("here", region="eu-central-1", endpoints=[{"ssm": url, "sts": url}])
store = SecretStore("team-a", namespace="team-a", opts=pulumi.ResourceOptions(providers=[here]))
ExternalSecret("db", store=store, data={"password": "/team-a/db"})
