"""The pages look as the vendor, or one tenant, has them: name, logo, colour, help, and who “we” is."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from onboarding.look.brand import Brand, TenantBrand, parse_color, parse_logo
from tests.builders import an_event
from tests.logos import PNG, SVG
from tests.web.framed import FramedVisitor, a_launch
from tests.web.visitor import SUPPORT_URL, Visitor, a_new_app, an_app, document

OURS = Brand(
    "Northwind Cost",
    SUPPORT_URL,
    we="Northwind Cost, a service of Example GmbH",
    color=parse_color("#7a1fa2"),
    logo=parse_logo(SVG),
)
THEIRS = TenantBrand(name="Fabrikam", color=parse_color("#ffe44d"), logo=parse_logo(PNG))


@pytest.fixture
def app(store, clock):
    return an_app(store, clock, brand=OURS)


@pytest.fixture
def branded(store, tenant):
    return store.set_brand(tenant.id, THEIRS, an_event("tenant.brand_set", connection_id=None))


def files_of(page):
    """Return the addresses of the brand's style sheet and logo, and the name beside it."""
    tree = document(page)
    style = next((e.get("href") for e in tree.iter("link") if "/brand/" in (e.get("href") or "")), None)
    logo = next((e.get("src") for e in tree.iter("img") if "/brand/" in (e.get("src") or "")), None)
    name = next("".join(e.itertext()).strip() for e in tree.iter("b") if e.get("class") == "brand")
    return style, logo, name


def test_a_page_has_the_brand_of_the_installation(stranger):
    style, logo, name = files_of(stranger.get("/"))

    assert name == "Northwind Cost"
    assert "--brand: light-dark(#7a1fa2, " in stranger.get(style).text
    assert stranger.get(logo).data == SVG
    assert stranger.get(logo).mimetype == "image/svg+xml"
    assert "“We” on these pages is Northwind Cost, a service of Example GmbH." in stranger.get("/").text


def test_a_tenant_with_a_brand_of_its_own_sees_that_and_nobody_else_does(branded, visitor, other_visitor, stranger):
    style, logo, name = files_of(visitor.get("/connections"))

    assert name == "Fabrikam"
    assert "#ffe44d" in visitor.get(style).text, "where it can be read"
    assert visitor.get(logo).data == PNG
    assert files_of(other_visitor.get("/connections")) == files_of(stranger.get("/"))
    assert "Example GmbH" in visitor.get("/connections").text, "what it has none of its own of is ours"


def test_the_invite_and_the_wizard_and_the_frame_have_the_tenants_brand(app, branded, visitor, story, stranger, tenant):
    here = app.extensions["rolecall"]
    invite = store_invite(here, tenant)
    connection = story.draft(tenant)
    launch, secret = a_launch(app, tenant)
    frame = FramedVisitor(app)

    assert files_of(stranger.get(f"/i/{here.invites.token(invite)}"))[2] == "Fabrikam"
    assert files_of(visitor.get(f"/connect/{connection.id}/step/1"))[2] == "Fabrikam"
    assert files_of(frame.get(f"/embed/{launch.id}"))[2] == "Fabrikam"
    frame.exchange(launch, secret)
    style, _, name = files_of(frame.get("/connections"))
    assert name == "Fabrikam"
    assert style.startswith("/brand/"), "one address, framed or not"


def store_invite(here, tenant):
    return here.invites.invite(name=tenant.name, reference=tenant.reference, lifetime=timedelta(days=1))


def test_what_is_fetched_with_its_version_may_be_kept_and_the_address_changes_with_the_brand(visitor, branded, store):
    style, logo, _ = files_of(visitor.get("/connections"))

    for address in (style, logo):
        answer = visitor.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000"
        assert "Set-Cookie" not in answer.headers
        assert visitor.get(address.partition("?")[0]).headers["Cache-Control"] == "no-cache"
    store.set_brand(branded.id, TenantBrand(color=parse_color("#0a0")), an_event(connection_id=None))
    assert files_of(visitor.get("/connections"))[0] != style


def test_without_a_brand_nothing_more_is_fetched(store, clock, tenant):
    plain = Visitor(an_app(store, clock)).enter(tenant)

    assert files_of(plain.get("/connections"))[:2] == (None, None)
    assert "on these pages is" not in plain.get("/connections").text
    assert plain.get("/brand/-/style.css").status_code == 404
    assert plain.get("/brand/-/logo").status_code == 404
    assert plain.get("/brand/nobody/logo").status_code == 404


def with_stored_logo(store, tenant, picture):
    """Write the picture as the tenant's logo into the table, as it came: an older version kept SVGs so."""
    brand = {"logo": {"mimetype": "image/svg+xml", "data": base64.b64encode(picture).decode()}}
    store._db.execute("update tenants set brand = ? where id = ?", [json.dumps(brand), tenant.id])
    store._db.conn.commit()


def test_an_svg_that_was_stored_as_it_came_is_served_written_anew(visitor, tenant, store):
    with_stored_logo(store, tenant, b"<!-- by hand -->" + SVG.replace(b"<svg", b'<svg data-by="hand"'))

    assert visitor.get(files_of(visitor.get("/connections"))[1]).data == SVG


def test_one_that_does_more_than_show_a_picture_is_not_served_and_in_the_log(visitor, tenant, store, caplog):
    # Another picture in each run: it is judged, and logged, once.
    with_stored_logo(store, tenant, SVG.replace(b"<svg", f'<svg onload="{store.path}"'.encode()))

    assert visitor.get(f"/brand/{tenant.id}/logo").data == SVG, "the installation's"
    assert f"brand.logo_refused tenant={tenant.id}" in caplog.text


@pytest.mark.parametrize(("theme", "shown"), [("dark", "dark"), ("light", "light"), ("", None)])
def test_the_portal_says_light_or_dark_or_leaves_it_to_the_system(app, tenant, theme, shown):
    launch, secret = a_launch(app, tenant, raw_theme=theme)
    frame = FramedVisitor(app)
    assert document(frame.get(f"/embed/{launch.id}")).get("data-theme") == shown
    frame.exchange(launch, secret)

    assert document(frame.get("/connections")).get("data-theme") == shown


def test_a_colour_that_had_to_move_is_in_the_log_at_start(store, clock, caplog):
    with caplog.at_level("WARNING"):
        a_new_app(store, clock, brand=Brand("Northwind", SUPPORT_URL, color=parse_color("#ffe44d")))

    assert "brand.color_adjusted scheme=light color=#ffe44d shown_as=#" in caplog.text


def test_one_that_can_be_read_as_it_is_in_one_scheme_is_not_touched_there(store, clock, caplog):
    with caplog.at_level("WARNING"):
        a_new_app(store, clock, brand=Brand("Northwind", SUPPORT_URL, color=parse_color("#2b59c3")))

    assert "scheme=light" not in caplog.text


def test_a_brand_is_kept_as_it_was_given(store, tenant):
    full = TenantBrand("Fabrikam", "https://help.example", "Fabrikam Ltd", parse_color("#123456"), parse_logo(PNG))

    store.set_brand(tenant.id, full, an_event(connection_id=None))

    assert store.get_tenant(tenant.id).brand == full
    assert store.set_brand(tenant.id, TenantBrand(), an_event(connection_id=None)).brand == TenantBrand()
