"""The command line on a store in a file: what an operator sees of connections, and takes away."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from botocore.configloader import load_config

from commands.export import Exported, aws_config
from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.external_id import ExternalId
from onboarding.ground.status import Status
from onboarding.model import Actor, Event
from tests.builders import EXTERNAL_ID, HANDLE, NOON, ROLE_ARN, STACK, a_connection, a_tenant, a_verification, an_event
from tests.commands.operator import Operator, settings_in


@pytest.fixture
def run(tmp_path):
    return Operator(settings_in(tmp_path))


def add(store, connection, *, external_id=EXTERNAL_ID):
    store.add_connection(connection, an_event(connection_id=connection.id))
    store.issue(external_id, connection.id, at=connection.created_at, event=an_event(connection_id=connection.id))
    return connection


def test_connections_are_listed_for_everybody_or_one_tenant(run, store, tenant, other_tenant):
    add(store, a_connection(Status.CONNECTED))
    other = ExternalId("northwind-aaaabbbb-" + "0" * 32)
    add(store, a_connection(id="connection-2", tenant_id=other_tenant.id, handle="aaaabbbb"), external_id=other)

    everything = json.loads(run("connections", "list", "--json").stdout)
    of_one = run("connections", "list", "--tenant", "globex").stdout.splitlines()

    assert [(c["handle"], c["tenant"], c["status"]) for c in everything] == [
        (HANDLE, "acme", "connected"),
        ("aaaabbbb", "globex", "draft"),
    ]
    assert [line.split()[0] for line in of_one] == ["HANDLE", "aaaabbbb"]


def test_an_empty_list_is_said_and_is_json_too(run):
    assert run("connections", "list").stdout == "There are no connections.\n"
    assert json.loads(run("connections", "list", "--json").stdout) == []


@pytest.mark.parametrize("raw", ["connection-1", HANDLE, HANDLE[:3], "connection-"])
def test_a_connection_is_shown_by_id_handle_or_the_beginning_of_either(run, store, tenant, raw):
    connection = add(store, a_connection(Status.WAITING, pinned_external_id=EXTERNAL_ID))
    results = (CheckResult("external_id_is_enforced", Verdict.FAILED, "…", "ignores_external_id_none"),)
    rejected = a_connection(Status.REJECTED, pinned_external_id=EXTERNAL_ID)
    event = Event("connection.rejected", Actor.WORKER, NOON, tenant.id, connection.id, {"finding": "x"})
    store.commit(connection, rejected, event, a_verification("refused", results=results))

    text = run("connections", "show", raw).stdout
    facts = json.loads(run("connections", "show", raw, "--json").stdout)

    assert "AssumeRole without ExternalId succeeds" in text
    assert "external_id_is_enforced  failed" in text
    assert (facts["status"], facts["external_id"], facts["who_must_act"]) == ("rejected", EXTERNAL_ID, "tenant")
    assert facts["last_verification"]["checks"][0]["verdict"] == "failed"
    assert facts["events"][-1]["kind"] == "connection.rejected"


def test_the_operator_sees_when_the_stack_was_deleted_and_when_aws_refused_us(run, store, tenant):
    connected = add(store, a_connection(Status.CONNECTED, stack_id=STACK))
    refused = CheckResult("role_is_assumable", Verdict.FAILED, "…", "not_answering", raw_codes=("AccessDenied",))
    lost = replace(connected, status=Status.DEGRADED, finding_code="role_lost", stack_deleted_at=NOON)
    store.commit(connected, lost, an_event(connection_id=lost.id), a_verification("not_yet", results=(refused,)))

    text = run("connections", "show", HANDLE).stdout
    facts = json.loads(run("connections", "show", HANDLE, "--json").stdout)

    assert facts["stack_id"] == str(STACK)
    assert (facts["stack_deleted_at"], facts["access_refused_at"]) == ("2030-05-17T12:00:00Z", "2030-05-17T12:00:01Z")
    assert "access refused at" in text
    assert "AccessDenied" in text


def of(run, reference):
    facts = json.loads(run("connections", "show", reference, "--json").stdout)
    return facts["what_is_wrong"], facts["who_must_act"]


def test_while_our_own_identity_is_wrong_it_is_the_vendor_who_must_act(run, store, tenant):
    add(store, a_connection(Status.WAITING, finding_code="not_answering"))
    assert of(run, HANDLE)[1] == "nobody"

    store.beat(worker="w", at=NOON, finding_code="vendor_identity_differs")

    assert of(run, HANDLE) == (CATALOGUE["vendor_identity_differs"].operator, "vendor")


def test_a_refusal_despite_a_trust_policy_that_is_right_points_to_the_organization(run, store, tenant):
    # Long ago for the command, which has the machine's clock.
    examined = NOON.replace(year=2020)
    add(store, a_connection(Status.WAITING, finding_code="not_answering", trust_fine_at=examined))

    what, who = of(run, HANDLE)

    assert what.startswith(CATALOGUE["not_answering"].operator)
    assert "or a resource control policy of the tenant's organization refuses us." in what
    assert who == "tenant"


def test_a_connection_is_shown_with_whom_it_was_handed_over_to_and_never_the_link(run, store, tenant, handovers):
    connection = add(store, a_connection(Status.WAITING))
    handover = handovers.hand_over(connection, asked_by="Sam\x1b[31m", days=3)
    handovers.revoke(handover.id)

    text = run("connections", "show", HANDLE).stdout
    (shown,) = json.loads(run("connections", "show", HANDLE, "--json").stdout)["handovers"]

    assert f"{handover.id}  revoked  Sam\\x1b[31m" in text
    assert (shown["id"], shown["state"], shown["expires_at"]) == (handover.id, "revoked", "2030-05-20T12:00:00Z")
    assert handovers.token(handover) not in text


def test_a_connection_that_is_unknown_or_unclear_is_said_in_one_line(run, store, tenant):
    add(store, a_connection())
    other = ExternalId("northwind-7kzzzzzz-" + "0" * 32)
    add(store, a_connection(Status.WAITING, id="connection-2", handle="7kzzzzzz"), external_id=other)

    for raw, said in (("nothing", "There is no connection"), ("", "There is no"), ("7k", f"{HANDLE}, 7kzzzzzz")):
        lines = run("connections", "show", raw, code=1).stderr.splitlines()
        assert len(lines) == 1
        assert said in lines[0]


def test_what_tenants_send_cannot_steer_the_operators_terminal(run, store):
    hostile = store.add_tenant(a_tenant("red", name="Red\x1b[31m\nevil"), an_event(connection_id=None))
    add(store, a_connection(tenant_id=hostile.id))

    shown = run("connections", "show", HANDLE).stdout

    assert "\x1b" not in shown
    assert "Red\\x1b[31m\\nevil" in shown


def test_disconnecting_is_recorded_as_the_operators_act(run, store, tenant):
    add(store, a_connection(Status.CONNECTED))

    run("connections", "disconnect", HANDLE)

    assert store.get_connection("connection-1").status is Status.DISCONNECTED
    assert (store.events()[-1].kind, store.events()[-1].actor) == ("connection.removed", Actor.OPERATOR)
    run("connections", "disconnect", HANDLE)
    assert [e.kind for e in store.events()].count("connection.removed") == 1


def test_only_connected_ones_are_exported_with_what_a_tool_needs(run, store, tenant):
    add(store, a_connection(Status.CONNECTED))
    for number, status in enumerate(s for s in Status if s is not Status.CONNECTED):
        handle = f"aaaabbb{number}"
        values = {"id": handle, "handle": handle, "account_id": f"44445555666{number}"}
        external_id = ExternalId(f"northwind-{handle}-" + "0" * 32)
        add(store, a_connection(status, **values), external_id=external_id)

    assert json.loads(run("connections", "export", "--format", "json").stdout) == [
        {
            "tenant": "acme",
            "tenant_name": "Acme",
            "account": "111122223333",
            "role_arn": ROLE_ARN,
            "external_id": EXTERNAL_ID,
            "role_session_name": f"rolecall-{HANDLE}",
            "handle": HANDLE,
        }
    ]


def test_the_aws_cli_reads_the_exported_profiles(run, store, tenant, tmp_path):
    add(store, a_connection(Status.CONNECTED))
    file = tmp_path / "config"
    file.write_text(run("connections", "export", "--format", "aws-config", "--source-profile", "rolecall").stdout)

    assert load_config(str(file))["profiles"] == {
        "acme-111122223333": {
            "role_arn": ROLE_ARN,
            "external_id": EXTERNAL_ID,
            "role_session_name": f"rolecall-{HANDLE}",
            "source_profile": "rolecall",
        }
    }


def test_profile_names_are_plain_and_each_is_the_only_one(tmp_path):
    def exported(tenant, account, handle):
        return Exported(tenant, tenant, account, ROLE_ARN, EXTERNAL_ID, f"rolecall-{handle}", handle)

    found = [
        exported("Müller & Söhne]\n[profile x", "111122223333", "aaaaaaaa"),
        exported("a b", "111122223333", "bbbbbbbb"),
        exported("a/b", "111122223333", "cccccccc"),
        exported("", "111122223333", "dddddddd"),
        exported("source", "111122223333", "eeeeeeee"),
    ]
    file = tmp_path / "config"
    file.write_text(aws_config(found, source_profile="source-111122223333"))

    assert list(load_config(str(file))["profiles"]) == [
        "M-ller-S-hne-profile-x-111122223333",
        "a-b-111122223333-bbbbbbbb",
        "a-b-111122223333-cccccccc",
        "tenant-111122223333",
        "source-111122223333-eeeeeeee",
    ]


def test_a_source_profile_that_would_break_the_file_is_a_usage_error(run):
    arguments = ("connections", "export", "--format", "aws-config", "--source-profile", "a]\nrole_arn = x")

    assert "name of a profile" in run(*arguments, code=2).stderr
