"""Keeps requests and answers to AWS out of the logs. What urllib3 logs is methods, paths and statuses alone."""

import logging

# What they write at level DEBUG holds bodies and headers: values, tokens, external IDs, session credentials.
_TALKATIVE = ("boto3", "botocore")


def silence_debug_logs() -> None:
    """Have these libraries log nothing below level INFO, whatever the environment or another library sets up."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.INFO, logger.getEffectiveLevel()))
        for each in [each for each in logging.root.manager.loggerDict if each.startswith(f"{name}.")]:
            child = logging.getLogger(each)
            if logging.NOTSET < child.level < logging.INFO:
                child.setLevel(logging.NOTSET)
