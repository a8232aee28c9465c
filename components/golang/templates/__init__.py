"""Renders ESO's templates (`target.template`, engineVersion v2): Go's text/template with ESO's functions."""

from .errors import TemplateRenderError, TemplateSyntaxError
from .template import Template, entries, parse

__all__ = ["Template", "TemplateRenderError", "TemplateSyntaxError", "entries", "parse"]
