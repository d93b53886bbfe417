"""A whole field test against the sandbox: it passes, says what it saw, and names nobody."""

from __future__ import annotations

import json
import re

import pytest

from fieldtest.facts import FACTS
from fieldtest.run import Run
from fieldtest.running import Step
from fieldtest.state import Kind, Side
from fieldtest.steps import publishing
from tests.fieldtest.two_accounts import BOTH, TENANT, VENDOR, TwoAccounts
from tests.sandbox_callers import client

NOTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
# moto has no event history.
UNSEEN = {"trail-tenant-sees-sessions", "trail-refusals-stay-with-us"}


def test_every_fact_agrees_in_the_sandbox_and_nothing_stays(accounts: TwoAccounts) -> None:
    printed = accounts.both(code=0)
    report, markdown = accounts.report()

    assert {name for name, fact in report["facts"].items() if fact["agrees"] != "yes"} == UNSEEN
    assert list(report["facts"]) == list(FACTS)
    assert report["problems"] == report["not_removed"] == []
    assert accounts.left() == []
    assert not accounts.state_file.exists()
    for whole in (markdown, json.dumps(report)):
        assert VENDOR not in whole and TENANT not in whole
        assert not re.search(r"ft[0-9a-f]{10}-[a-z0-9]{8}-[0-9a-f]{32}", whole, re.IGNORECASE)
        assert "this proves nothing" in whole
    assert f"the vendor's account {VENDOR}" in printed and f"the tenant's account {TENANT}" in printed


def test_a_step_that_aws_refuses_is_told_and_does_not_stop_the_others(
    accounts: TwoAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(run: Run) -> None:
        run.state.intend(Kind.ROLE, Side.TENANT, f"{run.id}-never-made")
        run.tenant.client("iam").get_role(RoleName="nobody")

    steps = (Step("Failing", refused), Step("Publishing", publishing.publish))
    monkeypatch.setattr("fieldtest.running.STEPS", steps)

    printed = accounts.typed(*BOTH, "--yes", code=2)

    report, _ = accounts.report()
    assert report["facts"]["fetch-unsigned"]["agrees"] == "yes"
    assert report["facts"]["sts-propagation"]["agrees"] == "not seen"
    assert report["problems"][0].startswith("Failing: GetRole: NoSuchEntity")
    assert "Failing: GetRole" in printed
    assert accounts.left() == []


def test_a_fact_that_differs_gives_exit_code_1(accounts: TwoAccounts, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (Step("Seeing", lambda run: run.findings.note("sts-gone", False, "It still answers.")),)
    monkeypatch.setattr("fieldtest.running.STEPS", steps)

    assert "no: sts-gone: It still answers." in accounts.typed(*BOTH, "--yes", code=1)
    assert accounts.report()[0]["counts"]["no"] == 1


def test_nothing_is_made_before_the_answer_is_yes(accounts: TwoAccounts) -> None:
    printed = accounts.typed(*BOTH, code=2)

    assert "US cents" in printed and "Nothing was made." in printed
    assert accounts.left() == []
    assert not accounts.state_file.exists()


def test_two_profiles_of_one_account_are_refused(accounts: TwoAccounts) -> None:
    accounts.write_profiles({**accounts.sides, "tenant": dict(accounts.aws.account_credentials(VENDOR))})

    assert "the same account" in accounts.typed(*BOTH, "--yes", code=2)
    assert accounts.left() == []


def test_an_unknown_profile_is_told_in_words(accounts: TwoAccounts) -> None:
    accounts.write_profiles({"vendor": accounts.sides["vendor"]})

    assert "The tenant profile 'tenant' cannot be used." in accounts.typed(*BOTH, "--yes", code=2)


def test_a_region_of_another_partition_is_refused(accounts: TwoAccounts) -> None:
    assert "in cn-north-1 who the vendor profile" in accounts.typed(*BOTH, "--region", "cn-north-1", code=2)


def test_what_an_earlier_test_has_left_is_cleaned_first(accounts: TwoAccounts) -> None:
    accounts.state_file.write_text("{}", encoding="utf-8")

    assert "Run `fieldtest --clean` first." in accounts.typed(*BOTH, "--yes", code=2)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"journey": {}, "things": []}'])
def test_a_file_that_is_no_state_file_is_told_in_words(accounts: TwoAccounts, text: str) -> None:
    accounts.state_file.write_text(text, encoding="utf-8")

    assert "is no state file" in accounts.typed("--clean", code=2)


def test_clean_goes_on_only_in_the_accounts_of_the_state_file(accounts: TwoAccounts) -> None:
    accounts.write_state(["role somebody-elses"], tenant_account="444455556666")

    assert "was written for 444455556666" in accounts.typed("--clean", code=2)


def test_what_could_not_be_removed_is_told_and_stays_in_the_state_file(accounts: TwoAccounts) -> None:
    iam = client("iam", accounts.sides["tenant"], accounts.aws)
    iam.create_role(RoleName="ft0123456789-kept", AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName="ft0123456789-kept", PolicyName="by-hand", PolicyDocument=NOTHING)
    accounts.write_state(["role ft0123456789-kept", "role ft0123456789-gone"])

    printed = accounts.typed("--clean", code=2)

    assert "Not removed: The tenant's role ft0123456789-kept: DeleteConflict" in printed
    assert accounts.state_file.exists()
    iam.delete_role_policy(RoleName="ft0123456789-kept", PolicyName="by-hand")
    accounts.typed("--clean", code=0)
    assert accounts.left() == []
    assert not accounts.state_file.exists()


def test_a_user_of_the_vendors_is_refused(accounts: TwoAccounts) -> None:
    iam = client("iam", accounts.sides["vendor"], accounts.aws)
    iam.create_user(UserName="me")
    key = iam.create_access_key(UserName="me")["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    accounts.write_profiles({**accounts.sides, "vendor": keys})

    assert "Give a profile of a role" in accounts.typed(*BOTH, "--yes", code=2)
