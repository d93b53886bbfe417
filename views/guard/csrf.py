"""Proof that a form stood on a page of ours: Flask-WTF's, with a rotated key and without a Referer."""

from __future__ import annotations

from flask import current_app, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError


class Csrf(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection, but for two things.

    A token that a fallback key signed is as good as one of today's: a form may be open while the key is rotated.
    And an https request needs no Referer, which privacy tools leave out: views/security.py looks at Origin and
    Sec-Fetch-Site instead, which say the same of every request that a browser sends from another site.
    """

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse an unsafe request without a token of its session. Raises CSRFError."""
        if apply_exemptions and (not request.endpoint or self._is_exempt()):
            return
        if request.method not in current_app.config["WTF_CSRF_METHODS"]:
            return
        token, why = self._get_csrf_token(), "The CSRF token is missing."
        for key in (current_app.secret_key, *(current_app.config["SECRET_KEY_FALLBACKS"] or ())):
            try:
                validate_csrf(token, secret_key=key)
            except ValidationError as invalid:
                why = str(invalid.args[0])
            else:
                g.csrf_valid = True  # Flask-WTF's forms then do not check the token again.
                return
        self._error_response(why)
