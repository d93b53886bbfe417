"""One frozen Config, read once from the environment; a bad value is refused by name before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from onboarding.arn import Refused, RoleArn, parse_role_arn
from onboarding.checks import CHECKS
from onboarding.external_id import PREFIX_PATTERN
from onboarding.partitions import PARTITIONS
from onboarding.template_url import parse_template_url
from onboarding.vendor import Vendor
from settings import SETTINGS, ConfigError, Setting, read_settings

__all__ = ["PROJECT", "SETTINGS", "Config", "ConfigError", "Publishing", "Setting"]

PROJECT = Path(__file__).resolve().parent

_DEBUG_SWITCHES = ("FLASK_DEBUG", "ROLECALL_DEBUG")
_SAMPLE_KEYS = ("change-me", "changeme", "secret", "example", "dev", "test", "sample")


@dataclass(frozen=True)
class Publishing:
    """What publishing the stack template needs, before there is a template URL to configure."""

    trusted_principal: RoleArn
    region: str
    stack_template: Path


@dataclass(frozen=True)
class Config:
    """Everything that differs between two installations."""

    secret_key: str = field(repr=False)
    trusted_principal: RoleArn
    template_url: str
    public_url: str
    vendor_name: str
    support_url: str
    return_url: str
    prefix: str
    region: str
    database: Path
    stack_template: Path
    console_url: str
    required_checks: frozenset[str]
    sts_per_second: int
    proxy_hops: int
    open_door: bool
    insecure: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Read every setting from `ROLECALL_<NAME>` or the file named by `ROLECALL_<NAME>_FILE`. Raises ConfigError."""
        read = read_settings(env)
        _refuse_unsafe(env, read)
        insecure = _yes(read, "INSECURE")
        publishing = _publishing(read)
        partition = PARTITIONS[publishing.trusted_principal.partition]
        return cls(
            secret_key=_secret_key(read),
            trusted_principal=publishing.trusted_principal,
            template_url=_template_url(read, partition.name),
            public_url=_public_url(read, insecure=insecure),
            vendor_name=_filled(read, "VENDOR_NAME"),
            support_url=_url(read, "SUPPORT_URL", schemes=("https", "mailto")),
            return_url=_url(read, "RETURN_URL", schemes=("https", "http") if insecure else ("https",), optional=True),
            prefix=_matching(read, "PREFIX", PREFIX_PATTERN, "2 to 20 of a-z and 0-9, a letter first"),
            region=publishing.region,
            database=_database(read),
            stack_template=publishing.stack_template,
            console_url=_only_insecure(read, "CONSOLE_URL", insecure=insecure).rstrip("/") or partition.console_url,
            required_checks=_checks(read),
            sts_per_second=_number(read, "STS_PER_SECOND", least=1, most=500),
            proxy_hops=int(_matching(read, "PROXY_HOPS", r"[0-9]", "a number from 0 to 9")),
            open_door=_yes({"OPEN_DOOR": _only_insecure(read, "OPEN_DOOR", insecure=insecure)}, "OPEN_DOOR"),
            insecure=insecure,
        )

    @classmethod
    def for_publishing(cls, env: Mapping[str, str]) -> Publishing:
        """Read only what publishing needs: it comes before there is a template URL. Raises ConfigError."""
        return _publishing(read_settings(env))

    @property
    def is_https(self) -> bool:
        """Whether tenants reach this installation over TLS."""
        return self.public_url.startswith("https://")

    @property
    def vendor(self) -> Vendor:
        """The vendor as the domain knows it."""
        return Vendor(
            name=self.vendor_name,
            prefix=self.prefix,
            trusted_principal=self.trusted_principal,
            region=self.region,
            template_url=self.template_url,
            console_url=self.console_url,
        )


def _refuse_unsafe(env: Mapping[str, str], read: Mapping[str, str]) -> None:
    """Refuse what only a developer's machine may have: a debugger, and keys that never expire."""
    for name in _DEBUG_SWITCHES:
        if env.get(name, "").strip().lower() not in ("", "0", "no", "false", "off"):
            raise ConfigError(f"{name} is set: a debugger lets whoever causes an error run code. Leave it out.")
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    is_allowed = _yes(read, "ALLOW_STATIC_KEYS")
    if env.get("AWS_ACCESS_KEY_ID", "").strip().startswith("AKIA") and not is_allowed:
        raise ConfigError(
            "AWS_ACCESS_KEY_ID is a long-lived key (AKIA...): use a role, or set ROLECALL_ALLOW_STATIC_KEYS=yes."
        )


def _checks(read: Mapping[str, str]) -> frozenset[str]:
    """More checks may be required, never fewer: those that always are cannot be named away."""
    named = frozenset(part.strip() for part in read["REQUIRED_CHECKS"].split(",") if part.strip())
    if not named <= CHECKS.keys():
        raise _bad("REQUIRED_CHECKS", f"some of {', '.join(CHECKS)}, with commas between")
    return named


def _number(read: Mapping[str, str], name: str, *, least: int, most: int) -> int:
    value = read[name].strip()
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise _bad(name, f"a whole number from {least} to {most}")
    return int(value)


def _publishing(read: Mapping[str, str]) -> Publishing:
    principal = _principal(read)
    partition = PARTITIONS[principal.partition]
    return Publishing(
        trusted_principal=principal,
        region=_one_of(
            read,
            "REGION",
            partition.regions,
            default=partition.default_region,
            what=": the regions of the trusted principal's partition",
        ),
        stack_template=_stack_template(read),
    )


def _bad(name: str, wanted: str) -> ConfigError:
    return ConfigError(f"ROLECALL_{name} must be {wanted}.")


def _filled(read: Mapping[str, str], name: str) -> str:
    value = read[name].strip()
    if not value:
        meaning = next(s.meaning for s in SETTINGS if s.name == name)
        raise ConfigError(f"ROLECALL_{name} is missing: {meaning}.")
    return value


def _secret_key(read: Mapping[str, str]) -> str:
    key = _filled(read, "SECRET_KEY")
    if len(key) < 32 or len(set(key)) < 8 or any(key.lower().startswith(s) for s in _SAMPLE_KEYS):
        # The value itself stays out of the message: it may be the real one, mistyped.
        raise _bad(
            "SECRET_KEY", "at least 32 random characters (python -c 'import secrets; print(secrets.token_hex(32))')"
        )
    return key


def _principal(read: Mapping[str, str]) -> RoleArn:
    text = _filled(read, "TRUSTED_PRINCIPAL_ARN")
    try:
        principal = parse_role_arn(text)
    except Refused:
        raise _bad("TRUSTED_PRINCIPAL_ARN", f"the ARN of an IAM role, not {text!r}") from None
    if re.search(r"[*?$]", principal.path):
        # The trust policy compares with ArnEquals, which reads * and ? as wildcards, and ${ } as a variable.
        raise _bad("TRUSTED_PRINCIPAL_ARN", f"the ARN of one role, without a wildcard, not {text!r}")
    return principal


def _stack_template(read: Mapping[str, str]) -> Path:
    # A relative path is seen from Rolecall's own folder, so that the default holds from wherever it is started.
    path = PROJECT / _filled(read, "STACK_TEMPLATE")
    if not path.is_file():
        raise _bad("STACK_TEMPLATE", f"a file, and {path} is none")
    return path


def _template_url(read: Mapping[str, str], partition: str) -> str:
    value = _filled(read, "TEMPLATE_URL")
    wanted = "the https address of an object in S3, such as https://BUCKET.s3.REGION.amazonaws.com/KEY"
    try:
        found = parse_template_url(value)
    except Refused:
        raise _bad("TEMPLATE_URL", wanted) from None
    if found.partition != partition:
        raise _bad("TEMPLATE_URL", f"in S3 of the trusted principal's partition, {partition}, not of {found.partition}")
    return value


def _public_url(read: Mapping[str, str], *, insecure: bool) -> str:
    parts = urlsplit(_url(read, "PUBLIC_URL", schemes=("https", "http")))
    if parts.scheme == "http" and not insecure:
        raise _bad("PUBLIC_URL", "an https address: sessions and links must not travel in the clear")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise _bad("PUBLIC_URL", "an address without a path, such as https://connect.example.com")
    return f"{parts.scheme}://{parts.netloc}"


def _url(read: Mapping[str, str], name: str, *, schemes: tuple[str, ...], optional: bool = False) -> str:
    if optional and not read[name].strip():
        return ""
    value = _filled(read, name)
    parts = _split(value)
    is_whole = parts is not None and (parts.hostname or parts.scheme == "mailto")
    if parts is None or parts.scheme not in schemes or not is_whole or re.search(r"\s", value):
        raise _bad(name, f"a link that starts with {' or '.join(f'{s}:' for s in schemes)}")
    return value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        # A port that is no number, or half of an IPv6 address.
        return None


def _matching(read: Mapping[str, str], name: str, pattern: str, wanted: str) -> str:
    value = _filled(read, name)
    if not re.fullmatch(pattern, value, re.ASCII):
        raise _bad(name, wanted)
    return value


def _one_of(read: Mapping[str, str], name: str, known: Iterable[str], *, default: str, what: str = "") -> str:
    value = read[name].strip() or default
    if value not in known:
        raise _bad(name, f"one of {', '.join(known)}{what}")
    return value


def _database(read: Mapping[str, str]) -> Path:
    url = _filled(read, "DATABASE_URL")
    scheme = "sqlite:///"
    if not url.startswith(scheme) or url == scheme:
        raise _bad("DATABASE_URL", "sqlite:///relative/path.db or sqlite:////absolute/path.db")
    return Path(url.removeprefix(scheme))


def _yes(read: Mapping[str, str], name: str) -> bool:
    return _one_of(read, name, ("yes", "no"), default="no") == "yes"


def _only_insecure(read: Mapping[str, str], name: str, *, insecure: bool) -> str:
    value = read[name].strip()
    if value not in ("", "no") and not insecure:
        raise ConfigError(f"ROLECALL_{name} is for the sandbox alone: leave it out.")
    return value
