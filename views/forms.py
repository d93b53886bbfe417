"""The forms. What a field may hold is the domain's to say: a field's check parses, and shows what parsing says."""

from __future__ import annotations

from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from onboarding.entry.handovers import DEFAULT_LIFETIME, LIFETIMES
from onboarding.ground.arn import parse_account_id
from onboarding.ground.refused import Refused
from onboarding.ground.wording import Text, say
from onboarding.model import Flow


def at_most(longest: int, message: Text) -> Callable[[FlaskForm, StringField], None]:
    """Refuse what is longer. WTForms' own check makes a plain string of its message, which no catalogue would know."""

    def check(form: FlaskForm, field: StringField) -> None:
        if len(field.data or "") > longest:
            raise ValidationError(message)

    return check


def _printable(form: FlaskForm, field: StringField) -> None:
    if not field.data.strip() or not field.data.isprintable():
        raise ValidationError(f"{field.name} must be printable text.")


def _only_printable(raw: str | None) -> str:
    """Drop what cannot be seen: it stands in no name, but could turn the text around it over."""
    return "".join(c for c in raw or "" if c.isprintable()).strip()


_A_NAME = (Length(max=100), _printable)


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A button, and the proof that it stood on our page."""


class StartForm(FlaskForm):  # type: ignore[misc]
    """The sandbox's open door."""

    company = StringField(
        validators=[
            DataRequired(say("Type the name of your company.")),
            at_most(80, say("That is longer than a name: 80 characters are the most.")),
        ],
        default="",
    )


class AccountForm(FlaskForm):  # type: ignore[misc]
    """The AWS account that is to be connected."""

    account_id = StringField(validators=[Optional(), at_most(40, say("An AWS account ID is 12 digits."))], default="")

    def validate_account_id(self, field: StringField) -> None:
        """Show what the domain says of the twelve digits."""
        try:
            parse_account_id(field.data)
        except Refused as refused:
            raise ValidationError(refused.words) from None


class LaunchForm(AccountForm):
    """How the tenant goes to AWS."""

    region = SelectField()
    flow = SelectField(choices=[SelectChoice(f.value) for f in Flow], default=Flow.QUICK_CREATE.value)


class PinForm(FlaskForm):  # type: ignore[misc]
    """Which of the external IDs this browser was shown is kept. A number, never the ID: nobody can send one in."""

    number = IntegerField(validators=[InputRequired()])


class RoleForm(FlaskForm):  # type: ignore[misc]
    """The ARN that the tenant copied from AWS. `replace_account` says that its account is the right one."""

    role_arn = StringField(validators=[at_most(2048, say("That is too long for a role ARN."))], default="")
    replace_account = HiddenField(default="")


class ExamineForm(FlaskForm):  # type: ignore[misc]
    """What AWS prints of a role."""

    pasted = TextAreaField(
        validators=[
            DataRequired(say("Paste what the command printed.")),
            at_most(60_000, say("That is too much: paste only what this one command printed.")),
        ],
        default="",
    )


class HandoverForm(FlaskForm):  # type: ignore[misc]
    """Who asks a colleague, if they say so, and for how many days the link works."""

    asked_by = StringField(
        validators=[at_most(80, say("That is longer than a name: 80 characters are the most."))],
        filters=[_only_printable],
        default="",
    )
    days = SelectField(coerce=int, choices=[SelectChoice(days) for days in LIFETIMES], default=DEFAULT_LIFETIME)


class ExchangeForm(FlaskForm):  # type: ignore[misc]
    """What the frame's first page found in its address."""

    secret = StringField(validators=[DataRequired(), Length(max=200)])


class ConnectionsForm(FlaskForm):  # type: ignore[misc]
    """Whose connections a portal's server asks about. Its API key is its proof."""

    class Meta:
        csrf = False

    tenant = StringField(validators=[InputRequired("tenant is missing: your own name for the tenant."), *_A_NAME])


class PortalLaunchForm(ConnectionsForm):
    """What a portal's server says of the tenant whom it starts the wizard for."""

    tenant_name = StringField(validators=[InputRequired("tenant_name is missing: as the wizard shows it."), *_A_NAME])
    origin = StringField(validators=[InputRequired("origin is missing: that of the page with the iframe in it.")])
    account_id = StringField(validators=[Length(max=40)], default="")
    return_url = StringField(validators=[Length(max=2000)], default="")
    theme = StringField(default="")
    language = StringField(validators=[Length(max=35)], default="")
