"""The configuration, read from the environment once. A bad value is refused by name before anything starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from onboarding.callback.topics import CallbackTopics
from onboarding.ground.arn import RoleArn, parse_role_arn
from onboarding.ground.external_id import PREFIX_PATTERN
from onboarding.ground.origins import Origin, parse_origin
from onboarding.ground.partitions import PARTITIONS, Partition
from onboarding.ground.refused import Refused
from onboarding.look.brand import Brand, parse_color, parse_logo
from onboarding.proof.checks import CHECKS
from onboarding.stack_template.url import parse_template_url
from onboarding.vendor import Vendor
from setting_kinds import bad, is_yes, matching, number, one_of, required, sandbox_only, url
from settings import ConfigError, read_settings

PROJECT = Path(__file__).resolve().parent
T = TypeVar("T")

_DEBUG_SWITCHES = ("FLASK_DEBUG", "ROLECALL_DEBUG")
_SAMPLE_KEYS = ("change-me", "changeme", "secret", "example", "dev", "test", "sample")


@dataclass(frozen=True)
class Publishing:
    """What publishing the stack template needs: there is no template URL yet."""

    trusted_principal: RoleArn
    region: str
    stack_template: Path
    topics: CallbackTopics


@dataclass(frozen=True)
class Config:
    """Everything that differs between two installations."""

    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(repr=False)
    trusted_principal: RoleArn
    template_url: str
    plain_template_url: str
    callback_regions: tuple[str, ...]
    answer_gateway: str
    public_url: str
    brand: Brand
    return_url: str
    embed_origins: tuple[Origin, ...]
    prefix: str
    region: str
    database: Path
    stack_template: Path
    console_url: str
    required_checks: frozenset[str]
    sts_per_second: int
    proxy_hops: int
    open_door: bool
    has_rate_limits: bool
    insecure: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Read every setting, as `read_settings` says. Raises ConfigError."""
        read = read_settings(env)
        _refuse_unsafe(env, read)
        insecure = is_yes(read, "INSECURE")
        publishing = _publishing(read)
        partition = PARTITIONS[publishing.trusted_principal.partition]
        return cls(
            secret_key=_secret_key(required(read, "SECRET_KEY"), "SECRET_KEY"),
            secret_key_fallbacks=_fallback_keys(read),
            trusted_principal=publishing.trusted_principal,
            template_url=_template_url(read, "TEMPLATE_URL", partition.name),
            plain_template_url=_plain_template_url(read, partition.name),
            callback_regions=publishing.topics.regions,
            answer_gateway=sandbox_only(read, "ANSWER_GATEWAY", insecure=insecure).rstrip("/"),
            public_url=_public_url(read, insecure=insecure),
            brand=_brand(read),
            return_url=url(read, "RETURN_URL", schemes=("https", "http") if insecure else ("https",), optional=True),
            embed_origins=_parsed(read, "EMBED_ORIGINS", _origins, "exact origins, separated by commas") or (),
            prefix=publishing.topics.prefix,
            region=publishing.region,
            database=_database(read),
            stack_template=publishing.stack_template,
            console_url=sandbox_only(read, "CONSOLE_URL", insecure=insecure).rstrip("/") or partition.console_url,
            required_checks=_checks(read),
            sts_per_second=number(read, "STS_PER_SECOND", least=1, most=500),
            proxy_hops=int(matching(read, "PROXY_HOPS", r"[0-9]", "a number from 0 to 9")),
            open_door=_is_sandbox_yes(read, "OPEN_DOOR", insecure=insecure),
            has_rate_limits=not _is_sandbox_yes(read, "NO_RATE_LIMITS", insecure=insecure),
            insecure=insecure,
        )

    @classmethod
    def for_publishing(cls, env: Mapping[str, str]) -> Publishing:
        """Read only what publishing needs. Raises ConfigError."""
        return _publishing(read_settings(env))

    @property
    def is_https(self) -> bool:
        """Whether tenants reach this installation over TLS."""
        return self.public_url.startswith("https://")

    @property
    def vendor(self) -> Vendor:
        """The vendor as the domain knows it."""
        return Vendor(
            name=self.brand.name,
            prefix=self.prefix,
            trusted_principal=self.trusted_principal,
            region=self.region,
            template_url=self.template_url,
            console_url=self.console_url,
            plain_template_url=self.plain_template_url,
            callback_regions=self.callback_regions,
        )


def _refuse_unsafe(env: Mapping[str, str], read: Mapping[str, str]) -> None:
    """Refuse what only a developer's machine should have: a debugger, and keys that never expire."""
    for name in _DEBUG_SWITCHES:
        if env.get(name, "").strip().lower() not in ("", "0", "no", "false", "off"):
            raise ConfigError(f"{name} is set: with a debugger, anyone who causes an error can run code. Leave it out.")
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    is_allowed = is_yes(read, "ALLOW_STATIC_KEYS")
    if env.get("AWS_ACCESS_KEY_ID", "").strip().startswith("AKIA") and not is_allowed:
        raise ConfigError(
            "AWS_ACCESS_KEY_ID is a long-lived key (AKIA...): use a role, or set ROLECALL_ALLOW_STATIC_KEYS=yes."
        )


def _checks(read: Mapping[str, str]) -> frozenset[str]:
    """Return the checks required besides those that always are."""
    named = frozenset(_listed(read["REQUIRED_CHECKS"]))
    if not named <= CHECKS.keys():
        raise bad("REQUIRED_CHECKS", f"some of {', '.join(CHECKS)}, separated by commas")
    return named


def _publishing(read: Mapping[str, str]) -> Publishing:
    principal = _principal(read)
    partition = PARTITIONS[principal.partition]
    return Publishing(
        trusted_principal=principal,
        region=one_of(
            read,
            "REGION",
            partition.regions,
            default=partition.default_region,
            what=": the regions of the trusted principal's partition",
        ),
        stack_template=_stack_template(read),
        topics=CallbackTopics(
            principal.partition,
            principal.account_id,
            prefix=matching(read, "PREFIX", PREFIX_PATTERN, "2 to 20 of a-z and 0-9, a letter first"),
            regions=_callback_regions(read, partition),
        ),
    )


def _callback_regions(read: Mapping[str, str], partition: Partition) -> tuple[str, ...]:
    named = _listed(read["CALLBACK_REGIONS"])
    if len(set(named)) < len(named) or not set(named) <= partition.regions.keys():
        raise bad("CALLBACK_REGIONS", f"some of {', '.join(partition.regions)}, separated by commas, each once")
    return tuple(named)


def _is_sandbox_yes(read: Mapping[str, str], name: str, *, insecure: bool) -> bool:
    return is_yes({name: sandbox_only(read, name, insecure=insecure)}, name)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origins(text: str) -> tuple[Origin, ...]:
    return tuple(parse_origin(raw) for raw in _listed(text))


def _fallback_keys(read: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_secret_key(key, "SECRET_KEY_FALLBACKS") for key in _listed(read["SECRET_KEY_FALLBACKS"]))


def _brand(read: Mapping[str, str]) -> Brand:
    return Brand(
        name=required(read, "VENDOR_NAME"),
        support_url=url(read, "SUPPORT_URL", schemes=("https", "mailto")),
        we=read["WE"].strip(),
        color=_parsed(read, "BRAND_COLOR", parse_color, "a colour"),
        logo=_parsed(read, "LOGO", lambda name: parse_logo((PROJECT / name).read_bytes()), "a picture file"),
    )


def _parsed(read: Mapping[str, str], name: str, parse: Callable[[str], T], wanted: str) -> T | None:
    text = read[name].strip()
    try:
        return parse(text) if text else None
    except (OSError, Refused) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise bad(name, f"{wanted}: {str(why).removesuffix('.')}") from None


def _secret_key(key: str, name: str) -> str:
    if len(key) < 32 or len(set(key)) < 8 or any(key.lower().startswith(s) for s in _SAMPLE_KEYS):
        # The message leaves out the value: it might be the real key, mistyped.
        raise bad(name, "at least 32 random characters (python -c 'import secrets; print(secrets.token_hex(32))')")
    return key


def _principal(read: Mapping[str, str]) -> RoleArn:
    text = required(read, "TRUSTED_PRINCIPAL_ARN")
    try:
        principal = parse_role_arn(text)
    except Refused:
        raise bad("TRUSTED_PRINCIPAL_ARN", f"the ARN of an IAM role, not {text!r}") from None
    if re.search(r"[*?$]", principal.path):
        # In the trust policy ArnEquals takes * and ? for wildcards, and ${ } for a variable.
        raise bad("TRUSTED_PRINCIPAL_ARN", f"the ARN of one role, without a wildcard, not {text!r}")
    return principal


def _stack_template(read: Mapping[str, str]) -> Path:
    # A relative path starts in Rolecall's own folder, so that the default works from any working directory.
    path = PROJECT / required(read, "STACK_TEMPLATE")
    if not path.is_file():
        raise bad("STACK_TEMPLATE", f"a file; {path} is not one")
    return path


def _plain_template_url(read: Mapping[str, str], partition: str) -> str:
    if not read["PLAIN_TEMPLATE_URL"].strip() and not _listed(read["CALLBACK_REGIONS"]):
        return ""
    return _template_url(read, "PLAIN_TEMPLATE_URL", partition)


def _template_url(read: Mapping[str, str], name: str, partition: str) -> str:
    value = required(read, name)
    wanted = "the https address of an object in S3, such as https://BUCKET.s3.REGION.amazonaws.com/KEY"
    try:
        found = parse_template_url(value)
    except Refused:
        raise bad(name, wanted) from None
    if found.partition != partition:
        raise bad(name, f"in S3 of the trusted principal's partition, {partition}, not of {found.partition}")
    return value


def _public_url(read: Mapping[str, str], *, insecure: bool) -> str:
    parts = urlsplit(url(read, "PUBLIC_URL", schemes=("https", "http")))
    if parts.scheme == "http" and not insecure:
        raise bad("PUBLIC_URL", "an https address: sessions and links must not be sent unencrypted")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise bad("PUBLIC_URL", "an address without a path, such as https://connect.example.com")
    return f"{parts.scheme}://{parts.netloc}"


def _database(read: Mapping[str, str]) -> Path:
    url = required(read, "DATABASE_URL")
    scheme = "sqlite:///"
    if not url.startswith(scheme) or url == scheme:
        raise bad("DATABASE_URL", "sqlite:///relative/path.db or sqlite:////absolute/path.db")
    return Path(url.removeprefix(scheme))
