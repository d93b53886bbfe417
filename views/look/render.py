"""Renders a page, or one block of a page: the one door to it for every text, whoever wrote that."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from onboarding.ground.wording import visible


def page(template: str, /, **values: Any) -> str:
    """Return a whole page."""
    return visible(render_template(template, **values))


def fragment(template: str, block: str, /, **values: Any) -> str:
    """Return one block of a page, rendered with the same context processors as the page."""
    current_app.update_template_context(values)
    found = current_app.jinja_env.get_template(template)
    return visible(current_app.jinja_env.concat(found.blocks[block](found.new_context(values))))
