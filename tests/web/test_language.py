"""Which language a page is in: by hand, by whoever launched the wizard, by the browser, else English."""

from __future__ import annotations

import json
from datetime import timedelta
from statistics import median
from time import thread_time
from unittest.mock import patch

import pytest

from onboarding.ground.wording import say
from tests.web.framed import FramedVisitor, a_launch
from tests.web.strict_html import by_id, text_of
from tests.web.visitor import PORTAL_ORIGIN, PUBLIC_URL, Visitor, document
from translations.collect import FOLDER
from views.look import catalogues, language
from views.look.catalogues import Catalogues, read_translations
from views.look.language import translated

START = {"en": "Connect your AWS account", "de": "Verbinden Sie Ihr AWS-Konto", "ja": "AWS アカウントを接続する"}


def language_of(answer):
    """Return the language that a page says it is in, which its title must be in too."""
    page = document(answer)
    assert text_of(page.find(".//title")).startswith(START[page.get("lang")])
    return page.get("lang")


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("de", "de"), ("de-AT", "de"), ("de-CH,en;q=0.5", "de"), ("DE_at", "de"), ("de;q=0,ja;q=0.1", "ja"),
        ("ja-JP", "ja"), ("ja;q=0.3,de;q=0.4", "de"),
        ("fr", "en"), ("fr,de;q=0.1", "de"), ("en-US,de;q=0.9", "en"), ("xx-klingon", "en"), ("*", "en"), ("", "en"),
        ("de" * 4000, "en"), (";;q=x,,", "en"),
    ],
)  # fmt: skip
def test_the_browser_says_and_english_is_for_whoever_asks_for_what_is_not_there(stranger, asked, given):
    stranger.speaks(asked)

    assert language_of(stranger.get("/")) == given


@pytest.mark.parametrize("entry", ["xx-YY,", "a,", "xx;q=0.5,", ",", 'q=";'])
def test_a_long_list_of_languages_costs_hardly_more_than_none(stranger, entry):
    def cost():
        began = thread_time()
        assert stranger.get("/").status_code == 200
        return thread_time() - began

    quiet = median(cost() for _ in range(5))
    stranger.speaks((entry * 16_384)[:16_384])

    assert median(cost() for _ in range(5)) < 3 * quiet


def test_the_list_is_read_once_a_request(visitor, story, tenant):
    visitor.speaks("fr,xx,de")
    connection = story.draft(tenant)
    with patch.object(language, "parse_accept_header", wraps=language.parse_accept_header) as read:
        assert document(visitor.get(f"/connect/{connection.id}/step/1")).get("lang") == "de"

    assert read.call_count == 1


def test_no_word_from_the_browser_is_english(stranger):
    assert language_of(stranger.get("/")) == "en"


def test_by_hand_it_stays_whatever_the_browser_asks_for(stranger):
    stranger.speaks("de")
    answer = stranger.post("/language", {"language": "ja"}, token_from="/")

    assert answer.status_code == 303
    assert language_of(stranger.get("/")) == "ja"
    stranger.post("/language", {"language": "en"}, token_from="/")
    assert language_of(stranger.get("/")) == "en"


@pytest.mark.parametrize("code", ["fr", "", "../../etc/passwd", "de\x00", "DE_", "x" * 5000])
def test_a_language_that_is_not_there_changes_nothing(stranger, code):
    stranger.post("/language", {"language": "de"}, token_from="/")

    assert stranger.post("/language", {"language": code}, token_from="/").status_code == 303
    assert language_of(stranger.get("/")) == "de"


def test_a_cookie_that_names_a_language_no_longer_there_is_as_if_it_named_none(stranger):
    for named, given in (("fr", "en"), ("", "en"), ("x" * 3000, "en"), ("ja-JP", "ja")):
        stranger.set_cookie(named, "__Host-rolecall-language")
        assert language_of(stranger.get("/")) == given


def test_the_language_outlives_the_invite_that_starts_the_session(app, tenant):
    visitor = Visitor(app)
    visitor.post("/language", {"language": "de"}, token_from="/")

    assert document(visitor.enter(tenant).get("/connections")).get("lang") == "de"


def test_every_language_is_offered_by_its_own_name_and_the_present_one_is_marked(stranger):
    stranger.speaks("ja")
    buttons = [b for b in document(stranger.get("/")).iter("button") if b.get("name") == "language"]

    assert [(b.get("value"), b.get("lang"), text_of(b), b.get("aria-current")) for b in buttons] == [
        ("en", "en", "English", None),
        ("de", "de", "Deutsch", None),
        ("ja", "ja", "日本語", "true"),
    ]


def choose(visitor, *, referer, back=""):
    sent = {"csrf_token": visitor.token(), "language": "de", "back": back}
    return visitor.open("POST", "/language", data=sent, headers={"Referer": referer}).location


def test_it_leads_back_to_the_page_it_was_pressed_on(visitor, story, tenant):
    step = f"/connect/{story.draft(tenant).id}/step/4"

    assert choose(visitor, referer=f"{PUBLIC_URL}{step}") == step
    assert choose(visitor, referer=f"{PUBLIC_URL}/start", back=step) == step


def test_from_a_page_that_answered_a_form_it_leads_to_the_one_before(visitor, story, tenant):
    connection = story.waiting(tenant)
    sent = {"csrf_token": visitor.token(), "role_arn": "hello"}
    refused = visitor.open(
        "POST",
        f"/connect/{connection.id}/role",
        data=sent,
        headers={"Referer": f"{PUBLIC_URL}/connect/{connection.id}/step/9"},
    )
    back = document(refused).find(".//input[@name='back']").get("value")

    assert back == f"/connect/{connection.id}/step/9"
    assert choose(visitor, referer=f"{PUBLIC_URL}/connect/{connection.id}/role", back=back) == back


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/healthz", "//evil.example/healthz", "https:evil.example", "/\\evil.example",
        "\\\\evil.example", "javascript:alert(1)", "/no-such-page", "/start", "http://[", "healthz",
        "https://connect.example.com@evil.example/healthz", "/%0d%0aSet-Cookie:x", "///evil.example/healthz",
        "////connections", "////evil.example/../connections", "https://connect.example.com//connections",
        "/\t/connections", "/\\connections", "\\/connections", "//connect.example.com@evil.example/connections",
    ],
)  # fmt: skip
def test_it_never_leads_elsewhere(visitor, elsewhere):
    assert choose(visitor, referer=f"{PUBLIC_URL}/start", back=elsewhere) == "/connections"
    assert choose(visitor, referer=elsewhere) == "/connections"


def test_no_page_says_back_to_whoever_asked_what_they_asked(visitor):
    assert "canary" not in visitor.get("/connections?canary").text


@pytest.mark.parametrize(
    ("code", "day", "took"),
    [("en", "17 May 2030", "0.0 seconds"), ("de", "17. Mai 2030", "0,0 Sekunden"), ("ja", "2030年5月17日", "0.0 秒")],
)
def test_dates_and_numbers_are_written_as_the_language_writes_them(visitor, story, tenant, code, day, took):
    visitor.speaks(code)
    main = text_of(by_id(document(visitor.get(f"/connect/{story.connected(tenant).id}/success")), "main"))

    assert day in main
    assert took in main


@pytest.mark.parametrize(("code", "words"), [("de", "Die Rolle"), ("ja", "ロール")])
def test_what_was_found_in_one_language_is_read_in_another(visitor, story, tenant, code, words):
    connection = story.degraded(tenant)
    english = text_of(by_id(document(visitor.get(f"/connect/{connection.id}/success")), "main"))
    visitor.speaks(code)
    other = text_of(by_id(document(visitor.get(f"/connect/{connection.id}/success")), "main"))

    assert "The role can be used without its external ID." in english
    assert "The role" not in other
    assert words in other


def test_a_sentence_in_a_sentence_is_read_in_the_same_language_and_a_list_is_listed(app, clock):
    later = clock.now() + timedelta(hours=48)
    why = say("The role {role} is gone.", role="x")
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert translated(say("Statement {number}: {what}", number=2, what=say("It is cut short."))) == (
            "Anweisung 2: Sie ist abgeschnitten."
        )
        assert translated(say("Missing for “{title}”: {actions}", title=say("Budgets"), actions=("a:B", "c:D"))) == (
            "Es fehlt für „Budgets“: a:B, c:D"
        )
        assert translated(say("That is far longer than a role: over {most} characters.", most=100_000)).endswith(
            "über 100.000 Zeichen."
        )
        assert "17. Mai 2030, 12:00 UTC" in translated(
            say(
                "It was issued to this connection on {at} and is still valid until {until}: we try it too.",
                at=clock.now(),
                until=later,
            )
        )
        assert translated(why) == why, "what no catalogue has stays as it is"
        assert translated("a plain string") == "a plain string"
        assert translated(say("")) == ""


def test_a_third_language_is_only_a_file(tmp_path):
    file = tmp_path / "eo" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Back"\nmsgstr "Reen"\n')

    found = Catalogues.read(tmp_path)

    assert found.names == {"en": "English", "eo": "Esperanto"}
    assert found.translations["eo"].ugettext("Back") == "Reen"
    assert found.translations["eo"].ugettext("Copy") == "Copy", "what it lacks is English"


def test_a_translation_with_other_gaps_is_left_out_rather_than_breaking_a_page(tmp_path, caplog):
    file = tmp_path / "eo" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    pairs = [("Hello {name}", "Saluton {nomo}"), ("Step %(n)s", "Paŝo"), ("Back", "Reen %(x)s"), ("Copy", "Kopii")]
    entries = "".join(f"\nmsgid {json.dumps(a)}\nmsgstr {json.dumps(b)}\n" for a, b in pairs)
    file.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n' + entries)

    read = read_translations(file)

    assert [read.ugettext(sentence) for sentence, _ in pairs] == ["Hello {name}", "Step %(n)s", "Back", "Kopii"]
    assert caplog.text.count("translation.unusable") == 3


def test_the_catalogues_that_are_shipped_are_read_without_a_word(caplog):
    catalogues._translations.cache_clear()  # What was read once would say nothing the second time.
    assert set(Catalogues.read(FOLDER).translations) >= {"en", "de", "ja"}
    assert "translation.unusable" not in caplog.text


@pytest.mark.parametrize("keeps_cookies", [True, False])
@pytest.mark.parametrize(("launched_in", "shown"), [("ja-JP", "ja"), ("xx", "de"), ("", "de")])
def test_a_portal_says_in_its_launch_what_its_client_reads(app, tenant, keeps_cookies, launched_in, shown):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies)
    frame.speaks("de")
    launch, secret = a_launch(app, tenant, language=launched_in)

    assert document(frame.get(f"/embed/{launch.id}")).get("lang") == shown
    assert frame.exchange(launch, secret).status_code == 200
    assert document(frame.get("/connections")).get("lang") == shown


@pytest.mark.parametrize("keeps_cookies", [True, False])
def test_in_a_frame_too_the_choice_by_hand_counts_and_a_cookie_keeps_it_over_the_next_launch(
    app, tenant, story, keeps_cookies
):
    frame = FramedVisitor(app, keeps_cookies=keeps_cookies)
    launch, secret = a_launch(app, tenant, language="ja")
    frame.exchange(launch, secret)
    step = f"/connect/{story.draft(tenant).id}/step/4"
    page = document(frame.get(step))
    back = page.find(".//input[@name='back']")
    assert (back is None) is keeps_cookies

    sent = {"csrf_token": frame.token(), "language": "de", "back": back.get("value") if back is not None else ""}
    headers = {"Referer": f"{PUBLIC_URL}/framed{step}"} if keeps_cookies else {"HX-Request": "true"}
    answer = frame.open("POST", "/language", data=sent, headers=headers)

    there = json.loads(answer.headers["HX-Location"])["path"] if not keeps_cookies else answer.location
    assert there == f"/framed{step}"
    assert document(frame.get(step)).get("lang") == "de"
    if keeps_cookies:
        frame.enter(tenant)
        assert document(frame.get(step)).get("lang") == "de"


def test_the_api_takes_a_language_and_speaks_english_itself(app, tenant, store):
    _, token = app.extensions["rolecall"].api_keys.create("portal")
    client = app.test_client()
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "de"}
    body = {"tenant": "acme", "tenant_name": "Acme", "origin": PORTAL_ORIGIN, "language": "ja"}

    made = client.post("/api/v1/launches", json=body, headers=headers, base_url=PUBLIC_URL)
    refused = client.post("/api/v1/launches", json={**body, "tenant": "x" * 101}, headers=headers, base_url=PUBLIC_URL)

    assert store.get_portal_start(made.json["id"]).language == "ja"
    assert refused.json["error"]["message"] == "Field cannot be longer than 100 characters."
    assert "There is no such address" in client.get("/api/nope", headers=headers, base_url=PUBLIC_URL).text
