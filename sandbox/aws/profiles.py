"""Keeps the AWS SDK's profiles out of the sandbox, which is an AWS of its own: one that is not there would end it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.session import Session

_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_NAMES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", *_FILES)


@contextmanager
def without_profiles() -> Iterator[None]:
    """Hide the environment's profile and files, for what opens sessions of its own: moto does when it is imported."""
    kept = {name: os.environ.pop(name) for name in _NAMES if name in os.environ}
    os.environ.update(dict.fromkeys(_FILES, os.devnull))
    try:
        yield
    finally:
        for name in _FILES:
            del os.environ[name]
        os.environ.update(kept)


def session_without_profiles(region: str) -> boto3.session.Session:
    """A session that reads no profile and no file."""
    nowhere = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    own = Session(session_vars={"profile": (None, None, None, None), **nowhere})
    return boto3.session.Session(botocore_session=own, region_name=region)
