"""The sandbox's authoriser: evaluates IAM policies as AWS does, which moto does not.

Pure evaluation is in patterns.py, conditions.py, evaluation.py, trust.py and web_identity.py; needs.py says what a call
is checked against; state.py reads moto's users, roles and policies; authoriser.py ties them together for the gateway.

    with AwsApi() as aws:                  # everybody but the sandbox's own user is held to policies
        aws.authorises = False             # ... and now nobody is
"""
