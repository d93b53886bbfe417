"""Gives AWS's own sentences to the box in the wizard in which a tenant pastes the line of a failed stack."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fieldtest.run import Run
from onboarding.pasted.stack_line import read_stack_line

# What the box should find, by the fact that gave the sentence (onboarding/diagnosis/of_the_stack.py).
EXPECTED: Mapping[str, Collection[str]] = {
    "stack-no-capability": ("tick_forgotten",),
    "stack-bad-external-id": ("external_id_cut",),
    "stack-unpublished": ("vendor_role_missing",),
    "stack-name-taken": ("name_taken",),
    "stack-role-name-taken": ("role_exists", "role_in_other_stack"),
    "callback-publisher": ("callback_broken", "callback_denied"),
}


def diagnose(run: Run) -> None:
    """Compare what the box finds in each sentence with what was the matter."""
    found = {
        fact: read_stack_line(sentence, partition=run.vendor.partition).code for fact, sentence in run.sentences.items()
    }
    wrong = [fact for fact, code in found.items() if code not in EXPECTED[fact]]
    run.findings.note(
        "stack-lines-understood",
        not wrong if found else None,
        "; ".join(f"{fact}: {code}" for fact, code in found.items()) or "AWS refused nothing.",
        sentences=dict(run.sentences),
        wrong=wrong,
    )
