"""The one error taxonomy, named by what the user was doing.

Every text is written for the person who reads the preview: what failed, where, and what to do. No text ever holds a
secret value, so a message may be shown, logged and stored.
"""

from .display import plain, without_keys, without_userinfo

_LONGEST = 4000


class ParameterStoreError(Exception):
    """Root of all errors that this library raises on purpose. Its text is safe to show, and is one line.

    A text may name what somebody else wrote, so line breaks, escape sequences and the like are escaped here, user names
    and passwords of URLs are hidden, and what a user put in a name's place and looks like a key or token. What is too
    long for anybody to read is cut.
    """

    def __str__(self) -> str:
        text = plain(without_keys(without_userinfo(super().__str__())))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text):,} characters)"


class SpecError(ParameterStoreError):
    """An argument, a manifest field or a stack setting is wrong; nothing was asked of AWS or Kubernetes."""


class IdentityError(ParameterStoreError):
    """The store's AWS identity could not be taken: no credentials, a role that may not be assumed."""


class ReadError(ParameterStoreError):
    """Parameters could not be read: the endpoint is down, too slow, or kept throttling."""


class ExtractError(ParameterStoreError):
    """A value was read but what was asked of it is not there: a JSON property, a decoding, a template."""


class ClusterError(ParameterStoreError):
    """The Kubernetes API could not be reached or does not know who is asking."""


class WriteError(ParameterStoreError):
    """The API server refused the Secret, or somebody else owns it."""


NO_IMPORT = (
    "Pulumi cannot import this resource, as it asks a dynamic provider without saying which one; to take over a Secret "
    "that is there already, declare the ExternalSecret and set `adopt` on its target, see docs/moving-from-eso.md"
)
"""What to do in place of `pulumi import` and the option `import_`."""
