"""The template texts that a whole target names."""

from components.core.secret.template_texts import TextKey, text_keys
from components.core.spec.target_specs import Target


def wanted_texts(target: Target[str]) -> tuple[TextKey, ...]:
    """The template texts that have to be read from the cluster, in the order in which they are used."""
    sources = target.template.template_from if target.template else ()
    return tuple(dict.fromkeys(key for source in sources for key in text_keys(source)))
