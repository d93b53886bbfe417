"""Every word on every page is asked of the catalogue: seen in a language that marks what was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import product
from urllib.parse import unquote, urlsplit

import pytest

from onboarding.diagnosis.catalogue import CATALOGUE
from onboarding.ground.arn import RoleArn
from onboarding.ground.check_result import CheckResult, Verdict
from onboarding.ground.status import Status
from onboarding.model import Flow
from onboarding.proof.checks import CHECKS
from onboarding.trust.judgement import judge_trust
from tests.builders import ACCOUNT, NOON, OTHER_ACCOUNT, a_verification, an_event, an_invite
from tests.unit.trust_policies import EXPECTED, JUDGED, policy
from tests.web.colleague import Colleague, hand_over
from tests.web.framed import FramedVisitor, a_launch
from tests.web.pseudo_language import CODE, speak_it, unmarked
from tests.web.strict_html import by_id, links
from tests.web.visitor import Visitor, an_app, document
from views.guard.limits import TooMany

STEPS = [f"step/{number}" for number in range(1, 10)]
ASIDES = ["trouble", "examine", "command", "success", "handover"]
# Names that are the same in every language, and the month of the tests.
NAMES = {"AWS", "ARN", "UTC", "English", "Deutsch", "日本語", "◆", "Majo"}

PASTED = [
    "", "x" * 60_001, "hello", "NoSuchEntity", "AccessDenied", "aws sso login", "command not found", "arn:aws:x",
    "Role:\n  Arn: x", "ROLE\tx", "{", "{]", '{"a": 1 2}', '{"a" 1}', "{1: 2}", '{"a": }', '{"a": "\t"}',
    r'{"a": "\q"}', r'{"a": "\uZZZZ"}', '{"a": "x', '{"a": 1, "a": 2}', "{} {}", "{" * 30 + "}" * 30,
    '{"Effect": "Allow"}', "{}", '{"Statement": 7}', '{"Statement": [{"Sid": "a", "sid": "b"}]}',
    '{"statement": 1, "Statement": 2}', '{"Version": "x", "Statement": {"Effect": "allow", "Other": 1}}',
    '{"Statement": {"Effect": "Allow", "Principal": 7, "Action": 7, "NotAction": 1, "Condition": 7}}',
    '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*", "aws": "*"}, "Condition": {"Null": 7}}}',
    '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}', '{"Roles": [{}, {}]}',
    json.dumps({"Statement": [{"a": n} for n in range(3000)]}),
]  # fmt: skip
NO_ROLES = [
    "", "hello", "arn:aws:iam::1:role/x", "arn:aws:sts::111122223333:assumed-role/x/y", "arn:aws:iam::1:user/x",
    "arn:aws:iam::1:policy/x", "arn:aws:iam::1:instance-profile/x", "arn:aws:iam::1:root", "arn:aws:s3:::x",
    "arn:aws:cloudformation:us-east-1:1:stack/x", "arn:aws-moon:iam::111122223333:role/x", "x" * 2049,
    "arn:aws:iam::111122223333:role/aws-service-role/x/y", "arn:aws:iam::999988887777:role/x",
    "arn:aws-cn:iam::111122223333:role/x", f"arn:aws:iam::{OTHER_ACCOUNT}:role/x",
]  # fmt: skip


@pytest.fixture
def app(store, clock, monkeypatch):
    app = an_app(store, clock)
    speak_it(app, monkeypatch)
    return app


@pytest.fixture
def foreigner(app, tenant):
    visitor = Visitor(app).enter(tenant)
    visitor.speaks(CODE)
    return visitor


@pytest.fixture
def left_out(app, store, tenant):
    """Return the words of a page that were not asked for; `values` are names that it shows besides words."""
    here = app.extensions["rolecall"]
    names = NAMES | {tenant.name, here.vendor.name, *here.vendor.partition.regions, "arn:aws:iam::111122223333:role/"}
    names |= {action for permission in here.permissions for action in permission.actions}

    def look(answer, *values):
        page = document(answer)
        assert page.tag != "html" or page.get("lang") == CODE
        of_connections = {v for c in store.list_connections() for v in values_of(c)}
        return unmarked(answer.text, values={*names, *of_connections, *values})

    return look


@pytest.fixture
def is_all_marked(left_out):
    def look(answer, *values):
        assert left_out(answer, *values) == []
        return document(answer)

    return look


def values_of(connection):
    values = connection.stack_name, str(connection.claimed_role_arn or ""), connection.pinned_external_id
    return {v for v in (*values, connection.role_name, connection.prefix) if v}


def test_the_ways_in(app, store, tenant, stranger, foreigner, story, clock, is_all_marked):
    stranger.speaks(CODE)
    here = app.extensions["rolecall"]
    invite = an_invite(tenant.id, id="invite-x")
    store.add_invite(invite, an_event("invite.made", connection_id=None))
    link = f"/i/{here.invites.token(invite)}"

    is_all_marked(stranger.get("/"))
    is_all_marked(stranger.get(link))
    is_all_marked(foreigner.get("/connections"))
    for number in range(len(Status)):
        connection = story.waiting(tenant, f"{number:012}")
        status = list(Status)[number]
        store.commit(connection, replace(connection, status=status), an_event(connection_id=connection.id))
    is_all_marked(foreigner.get("/connections"))
    clock.forward(days=20)
    is_all_marked(stranger.get(link))


@pytest.mark.parametrize("name", ["Sam", ""])
def test_a_hand_over_from_either_side(app, tenant, stranger, foreigner, story, clock, name, is_all_marked):
    connection = story.waiting(tenant)
    colleague = Colleague(app)
    for browser in (stranger, colleague):
        browser.speaks(CODE)
    handover, link = hand_over(app, connection, asked_by=name)
    page = is_all_marked(foreigner.get(f"/connect/{connection.id}/handover"), name or "Sam")
    mail = next(href for href in links(page) if href.startswith("mailto:"))
    said = unquote(urlsplit(mail).query)
    assert said.count("⟦") == said.count("⟧") == 6
    is_all_marked(stranger.get(link), name or "Sam")
    colleague.accept(link, connection)
    for where in ("step/1", "trouble"):
        is_all_marked(colleague.get(f"/connect/{connection.id}/{where}"), name or "Sam")
    is_all_marked(foreigner.get(f"/connect/{connection.id}/handover"), name or "Sam")
    is_all_marked(foreigner.get(link), name or "Sam")
    clock.forward(days=3)
    is_all_marked(stranger.get(link), name or "Sam")
    is_all_marked(colleague.get(f"/connect/{connection.id}/step/1"))
    stranger.post(f"{link}/again", token_from=link)
    for browser, where in ((stranger, link), (foreigner, f"/connect/{connection.id}/handover")):
        is_all_marked(browser.get(where), name or "Sam")
    app.extensions["rolecall"].handovers.revoke(handover.id)
    for browser, where in ((stranger, link), (foreigner, f"/connect/{connection.id}/handover")):
        is_all_marked(browser.get(where), name or "Sam")


def test_the_sandboxs_door(store, clock, is_all_marked, monkeypatch):
    app = an_app(store, clock, open_door=True, insecure=True)
    speak_it(app, monkeypatch)
    newcomer = Visitor(app)
    newcomer.speaks(CODE)

    is_all_marked(newcomer.get("/"))
    for company in ("", "x" * 81):
        page = is_all_marked(newcomer.post("/start", {"company": company}, token_from="/"))
        assert by_id(page, "company_error") is not None


@pytest.mark.parametrize("status", Status)
def test_every_page_in_every_status(foreigner, story, tenant, clock, status, left_out):
    connection = story.reach(status, tenant)
    clock.forward(minutes=3)

    answers = {where: foreigner.get(f"/connect/{connection.id}/{where}") for where in (*STEPS, *ASIDES)}

    shown = {where: answer for where, answer in answers.items() if answer.status_code != 303}
    assert len(shown) >= len(STEPS)
    assert [(where, words) for where, answer in shown.items() if (words := left_out(answer))] == []


@pytest.mark.parametrize("status", [Status.WAITING, Status.REJECTED, Status.DEGRADED])
def test_every_diagnosis(foreigner, store, story, tenant, clock, status, left_out):
    connection = story.reach(status, tenant)
    clock.forward(minutes=3)
    shown = {}
    for code in CATALOGUE:
        found = replace(connection, finding_code=code)
        connection = store.commit(connection, found, an_event(connection_id=connection.id))
        shown[code] = foreigner.get(f"/connect/{connection.id}/step/6")

    assert [(code, words) for code, answer in shown.items() if (words := left_out(answer))] == []
    # Both are normal while nobody waits for them, and the panel keeps them to itself.
    silent = set() if status is Status.WAITING else {"not_answering", "no_external_id"}
    assert {code for code, a in shown.items() if document(a).find(f".//*[@data-code='{code}']") is None} == silent


def test_every_cause_of_silence(foreigner, store, story, tenant, clock, is_all_marked):
    connection = story.waiting(tenant)
    clock.forward(minutes=3)
    flows = [Flow.QUICK_CREATE, Flow.PAGE_BY_PAGE]
    launches = [connection.launched_at, None]
    arns = [connection.claimed_role_arn, RoleArn("aws", ACCOUNT, "/team/", "renamed")]
    for flow, launched_at, arn in product(flows, launches, arns):
        silent = replace(
            connection, flow=flow, launched_at=launched_at, claimed_role_arn=arn, finding_code="not_answering"
        )
        connection = store.commit(connection, silent, an_event(connection_id=connection.id))

        page = is_all_marked(foreigner.get(f"/connect/{connection.id}/step/6"))

        assert len(page.findall(".//ol[@class='why']/li")) >= 3, (flow, launched_at, arn)


@pytest.mark.parametrize("verdict", Verdict)
def test_whatever_was_found_reads_so_on_success_though_it_was_kept_in_between(
    foreigner, store, story, tenant, verdict, clock, is_all_marked
):
    connection = story.connected(tenant)
    judged = [judge_trust(policy(*row[1]), EXPECTED, now=NOON) for row in JUDGED]
    lines = tuple(dict.fromkeys(sentence for found in judged for sentence in found.sentences))
    codes = [*CATALOGUE] * 2
    for start in range(0, len(CATALOGUE), len(CHECKS)):
        some = zip(CHECKS, codes[start:], strict=False)
        results = tuple(CheckResult(check, verdict, lines[start], code, evidence=lines) for check, code in some)
        clock.forward(days=1)
        kept = a_verification(
            id=f"v{start}", connection_id=connection.id, results=results, finished_at=clock.now() + timedelta(seconds=1)
        )
        connection = store.commit(connection, connection, an_event(connection_id=connection.id), kept)
        is_all_marked(foreigner.get(f"/connect/{connection.id}/success"))


def test_every_line_that_the_examiner_names(foreigner, story, tenant, left_out):
    path = f"/connect/{story.waiting(tenant).id}/examine"

    shown = {row[0]: foreigner.post(path, {"pasted": json.dumps(policy(*row[1]))}) for row in JUDGED}

    assert len(shown) == len(JUDGED)
    assert [(name, words) for name, answer in shown.items() if (words := left_out(answer))] == []
    assert [name for name, a in shown.items() if document(a).find(".//section[@data-verdict]") is None] == []


def test_whatever_is_pasted_there(foreigner, story, tenant, left_out):
    path = f"/connect/{story.waiting(tenant).id}/examine"

    shown = [(pasted, left_out(foreigner.post(path, {"pasted": pasted}))) for pasted in PASTED]

    assert [(pasted, words) for pasted, words in shown if words] == []


def test_whatever_role_is_refused(foreigner, story, tenant, left_out):
    path = f"/connect/{story.waiting(tenant).id}/role"

    refused = {pasted: foreigner.post(path, {"role_arn": pasted}) for pasted in NO_ROLES}

    assert {pasted: a.status_code for pasted, a in refused.items()} == dict.fromkeys(NO_ROLES, 422)
    assert [(pasted, words) for pasted, a in refused.items() if (words := left_out(a, "aws-moon"))] == []
    assert [pasted for pasted, a in refused.items() if document(a).find(".//*[@id='role_arn_error']") is None] == []


@pytest.mark.parametrize("typed", ["12", "x" * 41, "999988887777"])
def test_whatever_account_is_refused_in_the_fragment_and_on_the_page(foreigner, story, tenant, typed, is_all_marked):
    for htmx in (True, False):
        path = f"/connect/{story.draft(tenant).id}/account"
        page = is_all_marked(foreigner.post(path, {"account_id": typed}, htmx=htmx))
        assert by_id(page, "account_id_error") is not None


def test_an_account_that_is_connected_already(foreigner, story, tenant, is_all_marked):
    story.connected(tenant)
    page = is_all_marked(foreigner.post(f"/connect/{story.draft(tenant).id}/account", {"account_id": ACCOUNT}))

    assert by_id(page, "account_id_error") is not None


@pytest.mark.parametrize(("method", "path"), [("GET", "/nope"), ("POST", "/"), ("POST", "/connections")])
def test_errors(foreigner, method, path, is_all_marked):
    is_all_marked(foreigner.open(method, path))


def test_the_frames_first_page_and_a_frame_that_nobody_opened(app, tenant, is_all_marked):
    frame = FramedVisitor(app)
    frame.speaks(CODE)
    launch, _ = a_launch(app, tenant)

    is_all_marked(frame.get(f"/embed/{launch.id}"))
    lapsed = frame.get("/connections")
    assert lapsed.status_code == 401
    is_all_marked(lapsed)


def test_what_was_typed_into_a_page_that_was_open_for_too_long(foreigner, is_all_marked):
    sent = {"name": "x"}
    answer = foreigner.open("POST", "/connections", data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    page = is_all_marked(answer)
    assert page.find(".//input[@name='name']") is not None


def test_too_many_tries(app, foreigner, is_all_marked, monkeypatch):
    def refuse(*args, **kwargs):
        raise TooMany(30)

    monkeypatch.setitem(app.view_functions, "entry.connections", refuse)
    answer = foreigner.get("/connections")

    assert answer.status_code == 429
    is_all_marked(answer)
