"""Settings: each refused by name, none of them ever shown where it may be a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import PROJECT, Config
from onboarding.proof.checks import ALWAYS_REQUIRED, CHECKS
from settings import SETTINGS, ConfigError, unknown_settings
from wiring import build

KEY = "k3yQ-9fd1" * 5
GOOD = {
    "ROLECALL_SECRET_KEY": KEY,
    "ROLECALL_TRUSTED_PRINCIPAL_ARN": "arn:aws:iam::999988887777:role/northwind-rolecall",
    "ROLECALL_TEMPLATE_URL": "https://northwind-templates.s3.us-east-1.amazonaws.com/role.yaml",
    "ROLECALL_PUBLIC_URL": "https://connect.example.com",
    "ROLECALL_VENDOR_NAME": "Northwind Cost",
    "ROLECALL_SUPPORT_URL": "mailto:help@example.com",
}
SANDBOX = {"ROLECALL_INSECURE": "yes"}


def test_the_six_settings_without_a_default_are_enough():
    config = Config.from_env(GOOD)

    assert config.secret_key == KEY
    assert str(config.trusted_principal) == GOOD["ROLECALL_TRUSTED_PRINCIPAL_ARN"]
    assert (config.region, config.prefix, config.proxy_hops) == ("us-east-1", "rolecall", 0)
    assert (config.open_door, config.insecure, config.is_https) == (False, False, True)
    assert config.console_url == "https://console.aws.amazon.com"


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named(name):
    env = {key: value for key, value in GOOD.items() if key != name}

    with pytest.raises(ConfigError, match=f"{name} is missing"):
        Config.from_env(env)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_an_empty_setting_is_a_missing_one(name):
    with pytest.raises(ConfigError, match=f"{name} is missing"):
        Config.from_env({**GOOD, name: "  "})


REFUSED = [
    ("SECRET_KEY", "tooshort"),
    ("SECRET_KEY", "change-me" * 10),
    ("SECRET_KEY", "Secret-" + KEY),
    ("SECRET_KEY", "abab" * 20),
    ("TRUSTED_PRINCIPAL_ARN", "arn:aws:iam::999988887777:root"),
    ("TRUSTED_PRINCIPAL_ARN", "arn:aws:iam::999988887777:user/somebody"),
    ("TRUSTED_PRINCIPAL_ARN", "arn:aws:sts::999988887777:assumed-role/northwind-rolecall/session"),
    ("TRUSTED_PRINCIPAL_ARN", "arn:aws:iam::999988887777:role/*/northwind-rolecall"),
    ("TRUSTED_PRINCIPAL_ARN", "arn:aws:iam::999988887777:role/*"),
    ("CALLBACK_REGIONS", "eu-west-1, atlantis"),
    ("CALLBACK_REGIONS", "eu-west-1, us-east-1, eu-west-1"),
    ("CALLBACK_REGIONS", "cn-north-1"),
    ("PLAIN_TEMPLATE_URL", "http://northwind-templates.s3.us-east-1.amazonaws.com/plain.yaml"),
    ("ANSWER_GATEWAY", "http://127.0.0.1:5002"),
    ("TEMPLATE_URL", "http://northwind-templates.s3.us-east-1.amazonaws.com/role.yaml"),
    ("TEMPLATE_URL", "https://example.com/role.yaml"),
    ("TEMPLATE_URL", "https://northwind-templates.s3.cn-north-1.amazonaws.com.cn/role.yaml"),
    ("PUBLIC_URL", "http://connect.example.com"),
    ("PUBLIC_URL", "connect.example.com"),
    ("PUBLIC_URL", "https://connect.example.com/wizard"),
    ("PUBLIC_URL", "https://connect.example.com?a=b"),
    ("PUBLIC_URL", "https://user:password@connect.example.com"),
    ("PUBLIC_URL", "https://connect.example.com:port"),
    ("PUBLIC_URL", "https://[connect"),
    ("PUBLIC_URL", "https://:443"),
    ("SUPPORT_URL", "help@example.com"),
    ("SUPPORT_URL", "javascript:alert(1)"),
    ("SUPPORT_URL", "https://help.example.com/a b"),
    ("RETURN_URL", "http://app.example.com"),
    ("PREFIX", "North"),
    ("PREFIX", "a"),
    ("PREFIX", "north-wind"),
    ("PREFIX", "a" * 21),
    ("REGION", "mars-1"),
    ("REGION", "cn-north-1"),
    ("DATABASE_URL", "postgres://somewhere/rolecall"),
    ("DATABASE_URL", "sqlite:///"),
    ("STACK_TEMPLATE", "cfn/no-such-file.yaml"),
    ("STACK_TEMPLATE", "cfn"),
    ("CONSOLE_URL", "http://localhost:5001"),
    ("REQUIRED_CHECKS", "no_such_check"),
    ("REQUIRED_CHECKS", "stack_is_complete permissions_match"),
    ("STS_PER_SECOND", "0"),
    ("STS_PER_SECOND", "501"),
    ("STS_PER_SECOND", "1.5"),
    ("STS_PER_SECOND", "-3"),
    ("STS_PER_SECOND", "²"),
    ("PROXY_HOPS", "-1"),
    ("PROXY_HOPS", "many"),
    ("OPEN_DOOR", "yes"),
    ("NO_RATE_LIMITS", "yes"),
    ("BRAND_COLOR", "red"),
    ("BRAND_COLOR", "#12345"),
    ("LOGO", "no/such/file.svg"),
    ("LOGO", "README.md"),
    ("EMBED_ORIGINS", "https://*.example.com"),
    ("EMBED_ORIGINS", "*"),
    ("EMBED_ORIGINS", "http://portal.example.com"),
    ("EMBED_ORIGINS", "https://portal.example.com/page"),
    ("EMBED_ORIGINS", "https://portal.example.com, null"),
    ("SECRET_KEY_FALLBACKS", "short"),
    ("SECRET_KEY_FALLBACKS", f"{KEY},change-me-change-me-change-me-1234"),
    ("ALLOW_STATIC_KEYS", "perhaps"),
    ("INSECURE", "true"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_bad_value_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"ROLECALL_{name} "):
        Config.from_env({**GOOD, f"ROLECALL_{name}": value})


def test_every_setting_can_be_refused_but_the_name():
    # Any text that is not empty is a name, and any at all says who “we” is.
    assert {s.name for s in SETTINGS} - {name for name, _ in REFUSED} == {"VENDOR_NAME", "WE"}


def test_regions_with_a_callback_need_the_plain_template_too():
    env = {**GOOD, "ROLECALL_CALLBACK_REGIONS": "eu-west-1,us-east-1", "ROLECALL_PREFIX": "northwind"}

    with pytest.raises(ConfigError, match="ROLECALL_PLAIN_TEMPLATE_URL is missing"):
        Config.from_env(env)
    config = Config.from_env({**env, "ROLECALL_PLAIN_TEMPLATE_URL": GOOD["ROLECALL_TEMPLATE_URL"]})
    assert config.vendor.topics.regions == ("eu-west-1", "us-east-1")
    assert config.vendor.topics.topic_arn("eu-west-1") == (
        "arn:aws:sns:eu-west-1:999988887777:rolecall-callback-northwind"
    )


@pytest.mark.parametrize("name", ["FLASK_DEBUG", "ROLECALL_DEBUG"])
@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_debugging_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"{name} is set"):
        Config.from_env({**GOOD, name: value})


@pytest.mark.parametrize("value", ["", "0", "False", "off"])
def test_debugging_that_is_switched_off_is_no_matter(value):
    assert Config.from_env({**GOOD, "FLASK_DEBUG": value}).secret_key == KEY


def test_long_lived_aws_keys_are_refused_until_they_are_asked_for():
    env = {**GOOD, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}

    with pytest.raises(ConfigError, match=r"AWS_ACCESS_KEY_ID .*ROLECALL_ALLOW_STATIC_KEYS=yes") as refused:
        Config.from_env(env)

    assert "IOSFODNN7" not in str(refused.value)
    assert Config.from_env({**env, "ROLECALL_ALLOW_STATIC_KEYS": "yes"}).secret_key == KEY


def test_the_keys_of_a_role_are_welcome():
    assert Config.from_env({**GOOD, "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE"}).secret_key == KEY


def test_the_sandbox_may_do_what_production_may_not():
    config = Config.from_env(
        {
            **GOOD,
            **SANDBOX,
            "ROLECALL_PUBLIC_URL": "http://localhost:5000",
            "ROLECALL_CONSOLE_URL": "http://localhost:5001/",
            "ROLECALL_OPEN_DOOR": "yes",
            "ROLECALL_RETURN_URL": "http://localhost:5002/",
        }
    )

    assert (config.public_url, config.is_https) == ("http://localhost:5000", False)
    assert (config.console_url, config.open_door) == ("http://localhost:5001", True)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_every_setting_can_come_from_a_file(setting, tmp_path):
    values = {
        **GOOD,
        **SANDBOX,
        "ROLECALL_OPEN_DOOR": "yes",
        "ROLECALL_REGION": "eu-west-1",
        "ROLECALL_PROXY_HOPS": "2",
    }
    values |= {"ROLECALL_PREFIX": "northwind", "ROLECALL_DATABASE_URL": "sqlite:////var/lib/rolecall.db"}
    values |= {"ROLECALL_RETURN_URL": "https://app.example.com", "ROLECALL_CONSOLE_URL": "http://localhost:5001"}
    values |= {"ROLECALL_STACK_TEMPLATE": str(PROJECT / "cfn" / "role.yaml"), "ROLECALL_ALLOW_STATIC_KEYS": "yes"}
    values |= {"ROLECALL_REQUIRED_CHECKS": "stack_is_complete, permissions_match", "ROLECALL_STS_PER_SECOND": "20"}
    values |= {"ROLECALL_SECRET_KEY_FALLBACKS": f"{KEY}, {KEY[::-1]}", "ROLECALL_NO_RATE_LIMITS": "yes"}
    values |= {"ROLECALL_EMBED_ORIGINS": "https://portal.example.com, http://portal.localhost:5003"}
    values |= {"ROLECALL_WE": "Example Ltd", "ROLECALL_BRAND_COLOR": "#2b59c3", "ROLECALL_LOGO": "static/icon.svg"}
    values |= {"ROLECALL_CALLBACK_REGIONS": "eu-west-1, us-east-1", "ROLECALL_ANSWER_GATEWAY": "http://127.0.0.1:5002"}
    values |= {"ROLECALL_PLAIN_TEMPLATE_URL": GOOD["ROLECALL_TEMPLATE_URL"].replace("role", "plain")}
    name = f"ROLECALL_{setting.name}"
    file = tmp_path / "setting"
    file.write_text(values[name] + "\n")
    from_file = {**{k: v for k, v in values.items() if k != name}, f"{name}_FILE": str(file)}

    assert Config.from_env(from_file) == Config.from_env(values)


def test_more_checks_can_be_required_and_none_of_those_that_always_are_can_be_named_away(store):
    for named in ("", "stack_is_complete", "role_is_assumable", ",".join(CHECKS)):
        config = Config.from_env({**GOOD, "ROLECALL_REQUIRED_CHECKS": named})

        assert build(config, store=store).agreement.required == ALWAYS_REQUIRED | {n for n in named.split(",") if n}


def test_a_setting_given_twice_is_refused(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY)

    with pytest.raises(ConfigError, match="ROLECALL_SECRET_KEY and ROLECALL_SECRET_KEY_FILE are both set"):
        Config.from_env({**GOOD, "ROLECALL_SECRET_KEY_FILE": str(file)})


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_a_file_that_cannot_be_read_is_named_by_its_setting(tmp_path, content):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    env = {k: v for k, v in GOOD.items() if k != "ROLECALL_SECRET_KEY"}

    with pytest.raises(ConfigError, match="ROLECALL_SECRET_KEY_FILE cannot be read"):
        Config.from_env({**env, "ROLECALL_SECRET_KEY_FILE": str(file)})


@pytest.mark.parametrize("name", ["ROLECALL_SECRET_KEY", "ROLECALL_SECRET_KEY_FILE"])
@pytest.mark.parametrize("secret", ["canary-short", "secret-canary-canary-canary-canary-canary", "canary\0canary"])
def test_a_refused_secret_is_never_repeated(name, secret):
    env = {k: v for k, v in GOOD.items() if k != "ROLECALL_SECRET_KEY"}

    with pytest.raises(ConfigError, match="ROLECALL_SECRET_KEY") as refused:
        Config.from_env({**env, name: secret})

    assert "canary" not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_the_secret_key_is_not_in_the_configurations_own_text():
    assert KEY not in repr(Config.from_env(GOOD))


def test_publishing_needs_the_principal_alone():
    principal = GOOD["ROLECALL_TRUSTED_PRINCIPAL_ARN"]

    publishing = Config.for_publishing({"ROLECALL_TRUSTED_PRINCIPAL_ARN": principal})

    assert (str(publishing.trusted_principal), publishing.region) == (principal, "us-east-1")
    with pytest.raises(ConfigError, match="ROLECALL_TRUSTED_PRINCIPAL_ARN is missing"):
        Config.for_publishing({})


def test_the_region_follows_the_partition_of_the_principal():
    env = {**GOOD, "ROLECALL_TRUSTED_PRINCIPAL_ARN": "arn:aws-us-gov:iam::999988887777:role/northwind-rolecall"}
    env["ROLECALL_TEMPLATE_URL"] = "https://northwind-templates.s3.us-gov-west-1.amazonaws.com/role.yaml"

    config = Config.from_env(env)

    assert (config.region, config.console_url) == ("us-gov-west-1", "https://console.amazonaws-us-gov.com")


def test_the_stack_template_is_found_from_any_folder_and_the_store_is_kept_in_this_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    config = Config.from_env(GOOD)

    assert config.stack_template == PROJECT / "cfn" / "role.yaml"
    assert config.database == Path("data/rolecall.db")
    assert config.database.resolve() == tmp_path / "data" / "rolecall.db"


def test_a_misspelt_setting_is_found():
    env = {
        **GOOD,
        "ROLECALL_PROXY_HOP": "1",
        "ROLECALL_SECRET_KEY_FIEL": "x",
        "ROLECALL_REGION_FILE": "y",
        "OTHER": "z",
    }

    assert unknown_settings(env) == ["ROLECALL_PROXY_HOP", "ROLECALL_SECRET_KEY_FIEL"]
