"""Renders ESO's templates (`target.template`, engineVersion v2): Go's text/template with ESO's functions."""

from .template import Template, entries, parse
from .template_errors import TemplateRenderError, TemplateSyntaxError

__all__ = ["Template", "TemplateRenderError", "TemplateSyntaxError", "entries", "parse"]
