"""Renders a page, or one block of a page."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template


def page(template: str, /, **values: Any) -> str:
    """Return a whole page."""
    return render_template(template, **values)


def fragment(template: str, block: str, /, **values: Any) -> str:
    """Return one block of a page, rendered with the same context processors as the page."""
    current_app.update_template_context(values)
    found = current_app.jinja_env.get_template(template)
    return current_app.jinja_env.concat(found.blocks[block](found.new_context(values)))
