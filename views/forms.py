"""The forms. The domain decides what a field can hold: its check calls the domain's parser and shows its refusal."""

from __future__ import annotations

from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from onboarding.entry.handovers import DEFAULT_LIFETIME, LIFETIMES
from onboarding.ground.wording import Text, say
from onboarding.model import Flow
from onboarding.pasted.access_keys import AccessKeyPasted, holds_access_key
from onboarding.pasted.stack_line import LONGEST_PASTE


def at_most(longest: int, message: Text) -> Callable[[FlaskForm, StringField], None]:
    """Refuse longer text. WTForms' own check turns its message into a plain string, which cannot be translated."""

    def check(form: FlaskForm, field: StringField) -> None:
        if len(field.data or "") > longest:
            raise ValidationError(message)

    return check


def _printable(form: FlaskForm, field: StringField) -> None:
    if not field.data.strip() or not field.data.isprintable():
        raise ValidationError(f"{field.name} must be printable text.")


def _only_printable(raw: str | None) -> str:
    """Drop invisible characters: names need none, and some of them reverse the text around them."""
    return "".join(c for c in raw or "" if c.isprintable()).strip()


def _no_access_key(form: FlaskForm, field: StringField) -> None:
    """Refuse an access key, and empty the field: it is not shown again, nor does any other check see it."""
    if holds_access_key(field.data or ""):
        field.data = ""
        raise StopValidation(AccessKeyPasted().words)


_PORTAL_NAME = (Length(max=100), _printable)
_SHORT_NAME = at_most(80, say("A name can have at most 80 characters."))


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A button with a CSRF token."""


class StartForm(FlaskForm):  # type: ignore[misc]
    """Who starts without an invite, if the installation allows that."""

    company = StringField(
        validators=[DataRequired(say("Type the name of your company.")), _no_access_key, _SHORT_NAME], default=""
    )


class AccountForm(FlaskForm):  # type: ignore[misc]
    """The AWS account that the tenant connects: the domain reads it out of whatever names it."""

    account_id = StringField(
        validators=[_no_access_key, at_most(4096, say("That is too long. Paste only the account ID."))], default=""
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The account that the page shows beside the button: one in which a stack reported."""

    account_id = HiddenField(validators=[InputRequired(), Length(max=20)])


class LaunchForm(AccountForm):
    """How the tenant goes to AWS: `plain` by the template whose stack reports nothing, `link` by a link to copy."""

    region = SelectField()
    flow = SelectField(choices=[SelectChoice(f.value) for f in Flow], default=Flow.QUICK_CREATE.value)
    plain = HiddenField(default="")
    link = HiddenField(default="")


class PinForm(FlaskForm):  # type: ignore[misc]
    """The external ID to keep: signed, so that nobody can send in one that we did not show."""

    shown = HiddenField(validators=[InputRequired(), Length(max=500)], default="")


class RoleForm(FlaskForm):  # type: ignore[misc]
    """The ARN that the tenant copied from AWS, or what names the role otherwise.

    `offered` is the ARN that we offered instead; `replace_account` confirms that its account is the right one.
    """

    role_arn = StringField(
        validators=[_no_access_key, at_most(4096, say("That is too long. Paste only the role ARN."))], default=""
    )
    offered = HiddenField(validators=[_no_access_key, Length(max=2048)], default="")
    replace_account = HiddenField(default="")

    @property
    def named(self) -> str:
        """What names the role: what we offered, once that was pressed."""
        return self.offered.data or self.role_arn.data or ""


_TOO_LONG_TO_EXAMINE = at_most(60_000, say("That is too long. Paste only what this command printed."))


class ExamineForm(FlaskForm):  # type: ignore[misc]
    """What AWS prints about a role."""

    pasted = TextAreaField(
        validators=[DataRequired(say("Paste what the command printed.")), _no_access_key, _TOO_LONG_TO_EXAMINE],
        default="",
    )


_TOO_LONG_A_LINE = at_most(
    LONGEST_PASTE, say("That is too long. Paste only the lines of the stack’s events that say CREATE_FAILED.")
)


class TroubleForm(FlaskForm):  # type: ignore[misc]
    """What AWS shows of a stack that failed."""

    pasted = TextAreaField(
        validators=[DataRequired(say("Paste what AWS shows.")), _no_access_key, _TOO_LONG_A_LINE], default=""
    )


class HandoverForm(FlaskForm):  # type: ignore[misc]
    """Who asks a colleague, if they say so, and for how many days the link works."""

    asked_by = StringField(validators=[_no_access_key, _SHORT_NAME], filters=[_only_printable], default="")
    days = SelectField(coerce=int, choices=[SelectChoice(days) for days in LIFETIMES], default=DEFAULT_LIFETIME)


class ExchangeForm(FlaskForm):  # type: ignore[misc]
    """The secret that the frame's first page found in its address."""

    secret = StringField(validators=[DataRequired(), Length(max=200)])


class ConnectionsForm(FlaskForm):  # type: ignore[misc]
    """Whose connections a portal's server asks about. It sends an API key instead of a CSRF token."""

    class Meta:
        csrf = False

    tenant = StringField(validators=[InputRequired("tenant is missing: your own name for it."), *_PORTAL_NAME])


class PortalStartForm(ConnectionsForm):
    """The tenant for whom a portal's server starts the wizard, and how the wizard starts."""

    tenant_name = StringField(validators=[InputRequired("tenant_name is missing: the wizard shows it."), *_PORTAL_NAME])
    origin = StringField(validators=[InputRequired("origin is missing: the origin of the page that holds the iframe.")])
    account_id = StringField(validators=[Length(max=40)], default="")
    return_url = StringField(validators=[Length(max=2000)], default="")
    theme = StringField(default="")
    language = StringField(validators=[Length(max=35)], default="")
