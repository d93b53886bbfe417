"""The trust-policy examiner's page: what is pasted is judged, shown and forgotten."""

from __future__ import annotations

import json

import pytest

from onboarding.ground.hint import Hint
from onboarding.trust.expected import ExpectedTrust, corrected_policy
from tests.web.strict_html import by_id
from tests.web.visitor import document


@pytest.fixture
def waiting(story, tenant):
    return story.waiting(tenant)


def printed(connection, external_id, **changes):
    """What `aws iam get-role` prints of the connection's role."""
    expected = ExpectedTrust("aws", "999988887777", "arn:aws:iam::999988887777:role/northwind-rolecall", external_id)
    policy = {**corrected_policy(expected), **changes}
    return json.dumps({"Role": {"Arn": str(connection.claimed_role_arn), "AssumeRolePolicyDocument": policy}}, indent=4)


def examine(visitor, connection, pasted):
    return visitor.post(f"/connect/{connection.id}/examine", {"pasted": pasted})


def test_a_role_as_the_template_makes_it_is_fine(visitor, waiting):
    response = examine(visitor, waiting, printed(waiting, waiting.pinned_external_id))

    assert response.status_code == 200
    assert document(response).find(".//section[@data-verdict='exact']") is not None


def test_another_external_id_is_named_and_the_right_policy_offered(visitor, waiting):
    response = examine(visitor, waiting, printed(waiting, "northwind-aaaaaaaa-" + "0" * 32))
    page = document(response)

    assert page.find(".//section[@data-verdict='loose']") is not None
    assert waiting.pinned_external_id in "".join(page.find(".//*[@id='corrected']").itertext())
    assert page.find(".//li[@data-mark]") is not None


def test_another_role_is_not_given_the_policy_that_ours_should_have(visitor, waiting):
    other = printed(waiting, waiting.pinned_external_id).replace(f"role/{waiting.role_name}", "role/payroll")
    page = document(examine(visitor, waiting, other))

    found = page.find(".//section[@data-verdict='other_role']")
    assert page.find(".//*[@id='corrected']") is None
    assert found.find(".//a").get("href").endswith("/step/9")


def test_whoever_examines_is_taken_to_what_was_found(visitor, waiting):
    form = document(visitor.get(f"/connect/{waiting.id}/examine")).find(".//form[@class='examine']")

    assert form.get("action") == f"/connect/{waiting.id}/examine#found"
    page = document(examine(visitor, waiting, printed(waiting, waiting.pinned_external_id)))
    assert page.find(".//h2[@id='found']") is not None


def test_a_policy_that_might_shut_us_out_is_not_ticked(visitor, waiting):
    role = json.loads(printed(waiting, waiting.pinned_external_id))
    condition = role["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    condition["BoolIfExists"] = {"aws:MultiFactorAuthPresent": "true"}
    page = document(examine(visitor, waiting, json.dumps(role)))

    assert "✓" not in "".join(page.find(".//section[@data-verdict='depends']/h2").itertext())


@pytest.mark.parametrize("pasted", ["{", "nonsense", "[]", '{"Role": 7}', "<script>alert(1)</script>", "😀" * 50])
def test_what_cannot_be_read_is_said_and_kept_in_the_field(visitor, waiting, pasted):
    response = examine(visitor, waiting, pasted)

    assert response.status_code == 200
    assert document(response).find(".//section[@data-verdict='unreadable']") is not None
    assert document(response).find(".//textarea").text == pasted


@pytest.mark.parametrize("pasted", ["", "   ", "x" * 60_001])
def test_nothing_and_too_much_are_refused_beside_the_field(visitor, waiting, pasted):
    response = examine(visitor, waiting, pasted)

    assert response.status_code == 422
    assert document(response).find(".//textarea").get("aria-invalid") == "true"


def test_nothing_of_it_is_kept(visitor, waiting, statements):
    examine(visitor, waiting, printed(waiting, "northwind-aaaaaaaa-" + "0" * 32))

    assert not [s for s in statements if not s.lower().startswith(("select", "begin", "commit", "pragma"))]


def test_without_an_external_id_there_is_nothing_to_compare_with(visitor, story, tenant):
    draft = story.draft(tenant)

    assert visitor.get(f"/connect/{draft.id}/examine").status_code == 303


class TestRefusedDespiteIt:
    """AWS refuses a role whose trust policy is right: then the tenant's organization is likeliest."""

    @pytest.fixture
    def refused(self, story, waiting, clock):
        clock.forward(minutes=3)
        return story.verify(waiting)

    def causes(self, visitor, connection):
        page = document(visitor.get(f"/connect/{connection.id}/step/6"))
        return [" ".join("".join(cause.itertext()).split()) for cause in page.findall(".//ol[@class='why']/li")]

    def forwarded(self, response):
        found = document(response).find(".//*[@id='forward']")
        return "" if found is None else "".join(found.itertext())

    def test_what_to_forward_stands_beside_a_fine_verdict(self, visitor, refused):
        text = self.forwarded(examine(visitor, refused, printed(refused, refused.pinned_external_id)))

        assert "GRSTSDPB" in text
        assert '"aws:PrincipalArn": [\n' in text
        assert "arn:aws:iam::999988887777:role/northwind-rolecall" in text

    def test_not_beside_a_policy_that_differs(self, visitor, refused):
        assert not self.forwarded(examine(visitor, refused, printed(refused, "northwind-aaaaaaaa-" + "0" * 32)))

    def test_the_cause_leads_there_whatever_was_examined(self, visitor, refused):
        page = document(visitor.get(f"/connect/{refused.id}/step/6"))
        link = next(a.get("href") for a in page.iter("a") if (a.get("href") or "").endswith("#organization"))

        assert "GRSTSDPB" in self.forwarded(visitor.get(link.partition("#")[0]))

    def test_the_organization_becomes_the_first_cause_once_aws_had_its_time(self, visitor, refused, clock):
        examine(visitor, refused, printed(refused, refused.pinned_external_id))
        early = self.causes(visitor, refused)
        polled = by_id(document(visitor.get(f"/connect/{refused.id}/step/6")), "status_panel").get("hx-get")
        clock.forward(minutes=2)

        assert not early[0].startswith("Your AWS organization")
        assert visitor.get(polled).status_code == 200, "the panel changes by itself"
        first, *others = self.causes(visitor, refused)
        assert first.startswith("Your AWS organization forbids access from outside.")
        assert not any("trust policy" in other for other in others)

    def test_a_trust_policy_that_shuts_us_out_becomes_the_first_cause_at_once(self, visitor, refused):
        assert self.causes(visitor, refused)[0].startswith("The stack failed")
        polled = by_id(document(visitor.get(f"/connect/{refused.id}/step/6")), "status_panel").get("hx-get")

        examine(visitor, refused, printed(refused, "northwind-aaaaaaaa-" + "0" * 32))

        assert visitor.get(polled).status_code == 200, "the panel changes by itself"
        first, *others = self.causes(visitor, refused)
        assert first.startswith("The role’s trust policy that you pasted does not let us in.")
        assert not any("trust policy" in other for other in others)

    def test_what_aws_hints_at_comes_first_without_its_words(self, visitor, story, refused, aws):
        aws.hint = Hint.ORGANIZATION
        story.verify(refused)

        assert self.causes(visitor, refused)[0].startswith("Your AWS organization")
