"""What a stack's reads and pushes cost: calls, seconds and dollars, and the same for External Secrets Operator.

`eso_calls` and the services' `counting` say how many calls one run takes, `estimate` what that is in a month.
"""
