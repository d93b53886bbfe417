"""`doctor` where stacks report back: both published templates are read as a tenant's CloudFormation reads them."""

from __future__ import annotations

import pytest

from onboarding.stack_template.url import parse_template_url
from tests.commands.publishing.answers import BUCKET, TEMPLATE, failing

SETTINGS = ("ROLECALL_TEMPLATE_URL", "ROLECALL_PLAIN_TEMPLATE_URL")


def test_both_templates_are_named_when_both_are_well(run, with_callbacks):
    # Nobody has installed the callbacks themselves here, which their own lines say.
    [line] = [line for line in run("doctor", code=1).stdout.splitlines() if "  template  " in line]

    assert line.startswith("OK")
    assert all(with_callbacks[setting] in line for setting in SETTINGS)


def test_a_private_bucket_is_said_of_both_with_one_policy(run, with_callbacks, s3):
    s3.delete_bucket_policy(Bucket=BUCKET)

    found = failing(run)["template"]

    assert found["sentence"].count("Tenants cannot read") == 2
    assert all(with_callbacks[setting] in found["sentence"] for setting in SETTINGS)
    assert found["fix"].count("AnyoneCanReadTheStackTemplate") == 1


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_deleted_template_is_named_alone(run, with_callbacks, s3, setting):
    s3.delete_object(Bucket=BUCKET, Key=parse_template_url(with_callbacks[setting]).key)

    found = failing(run)["template"]

    assert found["sentence"].count("http") == 1
    assert f"Tenants cannot read {with_callbacks[setting]}. " in found["sentence"]
    assert "Publish it again" in found["fix"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_template_in_a_bucket_that_is_gone_is_named_alone(run, with_callbacks, setting):
    with_callbacks[setting] = "https://gone-templates.s3.us-east-1.amazonaws.com/rolecall-role-x.yaml"

    found = failing(run)["template"]

    assert "gone-templates" in found["sentence"] and BUCKET not in found["sentence"]
    assert setting in found["fix"]


def test_two_urls_that_are_swapped_are_both_named(run, with_callbacks):
    calling, plain = (with_callbacks[setting] for setting in SETTINGS)
    with_callbacks |= {"ROLECALL_TEMPLATE_URL": plain, "ROLECALL_PLAIN_TEMPLATE_URL": calling}

    found = failing(run)["template"]

    assert "The published template lets no stack report back" in found["sentence"]
    assert "The published plain template lets stacks report back" in found["sentence"]
    assert all(f"set {setting} to the URL" in found["fix"] for setting in SETTINGS)


def test_a_region_that_was_added_and_not_published_is_named(run, with_callbacks):
    with_callbacks["ROLECALL_CALLBACK_REGIONS"] = "us-east-1"

    found = failing(run)["template"]

    assert "reports back in eu-central-1, us-east-1, not in us-east-1" in found["sentence"]
    assert "PLAIN" not in found["fix"]


def test_another_prefix_means_other_topics(run, with_callbacks):
    with_callbacks["ROLECALL_PREFIX"] = "southwind"

    assert "reports to other topics than ours" in failing(run)["template"]["sentence"]


def test_another_explanation_than_the_wizards_is_named(run, with_callbacks, tmp_path):
    own = TEMPLATE.read_text().replace("Title: What this stack reports", "Title: Reports", 1)
    assert own != TEMPLATE.read_text()
    (tmp_path / "own.yaml").write_text(own)
    with_callbacks["ROLECALL_STACK_TEMPLATE"] = str(tmp_path / "own.yaml")

    assert "explains the callback in other words" in failing(run)["template"]["sentence"]


def test_once_callbacks_are_off_a_template_that_reports_back_is_named(run, with_callbacks):
    with_callbacks["ROLECALL_CALLBACK_REGIONS"] = ""

    found = failing(run)["template"]

    assert found["sentence"] == "The published template lets stacks report back, and it must not."
