"""The settings, and where their text comes from. config.py parses the text and refuses bad values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigError(ValueError):
    """A setting is missing, malformed or unsafe. The message names it and says what it should be."""


@dataclass(frozen=True)
class Setting:
    """One setting: its name without ROLECALL_, what it is for, and its default. docs/configuration.md says more."""

    name: str
    meaning: str
    default: str | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting("SECRET_KEY", "signs sessions and invites; at least 32 random characters"),
    Setting("SECRET_KEY_FALLBACKS", "keys that SECRET_KEY replaced, separated by commas", ""),
    Setting("TRUSTED_PRINCIPAL_ARN", "ARN of the one vendor role that tenants' roles trust"),
    Setting("TEMPLATE_URL", "where the published stack template is (`python app.py publish` prints it)"),
    Setting("CALLBACK_REGIONS", "regions in which tenants' stacks report back, separated by commas", ""),
    Setting("PLAIN_TEMPLATE_URL", "where the published template without callback is; needed with CALLBACK_REGIONS", ""),
    Setting("PUBLIC_URL", "the address that tenants open, such as https://connect.example.com"),
    Setting("VENDOR_NAME", "the vendor's name as tenants know it"),
    Setting("SUPPORT_URL", "where a tenant asks for help: an https: or mailto: link"),
    Setting("WE", "who “we” is on the pages", ""),
    Setting("BRAND_COLOR", "the colour of buttons and links, such as #2b59c3", ""),
    Setting("LOGO", "a PNG or SVG file, shown beside the vendor's name", ""),
    Setting("RETURN_URL", "the page of the vendor's product to which a connected tenant continues", ""),
    Setting("EMBED_ORIGINS", "sites that are allowed to frame every tenant's wizard, separated by commas", ""),
    Setting("PREFIX", "starts every role name and external ID: 2 to 20 of a-z and 0-9, a letter first", "rolecall"),
    Setting("REGION", "the region for STS, which is also proposed for stacks", ""),
    Setting("DATABASE_URL", "where the store is", "sqlite:///data/rolecall.db"),
    Setting("STACK_TEMPLATE", "the stack template, which says what the role is allowed to do", "cfn/role.yaml"),
    Setting("CONSOLE_URL", "the AWS console's address; only the sandbox sets it", ""),
    Setting("ANSWER_GATEWAY", "where stacks' answers are sent instead of to AWS; only the sandbox sets it", ""),
    Setting("REQUIRED_CHECKS", "checks that must pass besides those that always must, separated by commas", ""),
    Setting("STS_PER_SECOND", "how many AssumeRole calls a worker makes a second at most, 1 to 500", "100"),
    Setting("PROXY_HOPS", "how many reverse proxies in front of Rolecall set X-Forwarded-For and -Proto", "0"),
    Setting("OPEN_DOOR", "lets anyone start from the landing page; only the sandbox sets it", "no"),
    Setting("ALLOW_STATIC_KEYS", "allows long-lived AWS keys (AKIA...) in the environment", "no"),
    Setting("NO_RATE_LIMITS", "turns off the rate limits; only the sandbox sets it", "no"),
    Setting("INSECURE", "allows plain http, a stand-in console and the open door, which production refuses", "no"),
)


def read_settings(env: Mapping[str, str]) -> dict[str, str]:
    """Return each setting's text: from `ROLECALL_<NAME>`, the file that `ROLECALL_<NAME>_FILE` names, or its default.

    Raises ConfigError if both are set, or if a file cannot be read.
    """
    return {s.name: _read(env, s) for s in SETTINGS}


def unknown_settings(env: Mapping[str, str]) -> list[str]:
    """Return the ROLECALL_ names that are no settings, such as misspelt ones."""
    known = {f"ROLECALL_{s.name}{ending}" for s in SETTINGS for ending in ("", "_FILE")}
    return sorted(name for name in env if name.startswith("ROLECALL_") and name not in known)


def _read(env: Mapping[str, str], setting: Setting) -> str:
    name = f"ROLECALL_{setting.name}"
    plain, file = env.get(name), env.get(f"{name}_FILE")
    if plain is not None and file is not None:
        raise ConfigError(f"{name} and {name}_FILE are both set: keep one.")
    if file is None:
        return plain if plain is not None else setting.default or ""
    # The message leaves out the value: it might be the secret itself instead of its file's name.
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{name}_FILE cannot be read: it is not UTF-8 text.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not the name of a file"
        raise ConfigError(f"{name}_FILE cannot be read: {why}.") from None
