"""Verifies the tenant's role with the product's own code."""

from __future__ import annotations

from aws.budget import Budget
from aws.roles import AwsRoles
from fieldtest.run import Run, Skipped
from fieldtest.steps.refusals import SESSION_NAME
from onboarding.ground.check_result import Verdict
from onboarding.ground.partitions import PARTITIONS
from onboarding.permissions.asked import AskedPermissions
from onboarding.proof.agreement import Agreement
from onboarding.proof.answer import Outcome
from onboarding.proof.checks import ALWAYS_REQUIRED, judge
from onboarding.proof.self_report import SelfReport
from onboarding.questioning import probe_role
from onboarding.stack_template.template import StackTemplate

CALLS_PER_SECOND = 5.0


def verify(run: Run) -> None:
    """Probe and judge the role as the worker does."""
    stack = run.needed_stack()
    probe = probe_role(
        AwsRoles(run.accounts.product_clients(), Budget(CALLS_PER_SECOND)),
        run.clock,
        role_arn=stack.role_arn,
        trusted=run.accounts.trusted,
        candidates=[stack.external_id],
        session_name=SESSION_NAME,
    )
    if probe.external_id is None:
        raise Skipped("The role did not answer, so it was not verified.")
    report = probe.self_report or SelfReport()
    _note_reading(run, report)
    results = judge(probe, _agreement(run))
    failed = [f"{r.check}: {r.verdict} ({r.sentence})" for r in results if r.verdict is not Verdict.PASSED]
    answers = ", ".join(f"{answer.asked} {answer.outcome}" for answer in probe.answers)
    run.findings.note(
        "role-passes-all-checks",
        not failed,
        " ".join(failed) or f"All {len(results)} passed. STS: {answers}.",
    )


def _note_reading(run: Run, report: SelfReport) -> None:
    outcomes = {question: str(outcome) for question, outcome in report.outcomes.items()}
    own = {question: outcome for question, outcome in outcomes.items() if not question.startswith("cloudformation:")}
    read = bool(own) and set(own.values()) == {Outcome.ASSUMED} and report.inline_policies is not None
    run.findings.note("role-reads-itself", read, _listed(own) or "The role was not read.", codes=report.raw_codes)
    stack = report.stack
    is_whole = stack is not None and stack.status == "CREATE_COMPLETE" and stack.role_arn and stack.template_version
    seen = f"{stack.status}, template version {stack.template_version or 'unknown'}" if stack else _listed(outcomes)
    run.findings.note("role-reads-its-stack", bool(is_whole), seen or "The role was not read.")


def _listed(outcomes: dict[str, str]) -> str:
    return ", ".join(f"{question} {outcome}" for question, outcome in outcomes.items())


def _agreement(run: Run) -> Agreement:
    return Agreement(
        trusted_principal=run.accounts.trusted,
        asked=AskedPermissions.parse(run.baked),
        template_version=StackTemplate.parse(run.baked).version,
        template_url=run.template_url,
        console_url=PARTITIONS[run.tenant.partition].console_url,
        required=ALWAYS_REQUIRED,
    )
