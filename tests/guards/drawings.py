"""The drawn AWS pages as the guards read them: as pictures for a tenant, and as pages of the stand-in console."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config import PROJECT
from onboarding.look.picture import Picture
from onboarding.stack_template.callback import without_callback
from sandbox.cloudformation.template_rules import parse_template
from tests.guards.source_files import files_in

STACK_TEMPLATE = parse_template(without_callback((PROJECT / "cfn" / "role.yaml").read_text()))
SESSION_SECONDS = int(STACK_TEMPLATE["Resources"]["Role"]["Properties"]["MaxSessionDuration"])
NAME = "northwind-7kq2m9xd"
PICTURE = Picture(
    vendor_name="Northwind Cost",
    region="us-east-1",
    region_name="N. Virginia",
    account_id="111122223333",
    stack_name=NAME,
    role_name=NAME,
    role_arn=f"arn:aws:iam::111122223333:role/{NAME}",
    external_id=f"{NAME}-5f0c1e9b7a64d2f8830b6ce14a97d35e",
    template_url="https://templates.s3.amazonaws.com/role.yaml",
)
VOID = {"input", "br", "meta", "link"}


class Element:
    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    @property
    def words(self) -> str:
        return " ".join(self.text.replace("✓", "").split())


class Page(HTMLParser):
    """Every element of a fragment in order, each with the text inside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1].tag == tag, f"</{tag}> closes what was opened last"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def of_class(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.classes or (name, element.tag) == ("th", "th")]

    def values(self) -> list[str]:
        """What the fields hold: as text in a picture, as the value of an input on a live page."""
        return [element.attributes.get("value") or element.words for element in self.of_class("field")]


def a_live_context() -> dict[str, Any]:
    """What the stand-in console gives a page for the shipped stack template, made whole."""
    interface = STACK_TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]
    return {
        "picture": PICTURE,
        "live": True,
        "errors": {},
        "alert": "",
        "acknowledged": True,
        "links": dict.fromkeys(("Stack info", "Events", "Resources", "Outputs", "Template"), "/"),
        "group": interface["ParameterGroups"][0]["Label"]["default"],
        "parameters": [
            {
                "name": name,
                "label": interface["ParameterLabels"][name]["default"],
                "description": declared["Description"],
                "value": PICTURE.external_id,
            }
            for name, declared in STACK_TEMPLATE["Parameters"].items()
        ],
        "stack_description": STACK_TEMPLATE["Description"],
        "stack_status": "CREATE_COMPLETE",
        "session_duration": f"{SESSION_SECONDS // 3600} hour",
        "resources": [
            {"logical_id": logical_id, "physical_id": NAME, "type": resource["Type"], "status": "CREATE_COMPLETE"}
            for logical_id, resource in STACK_TEMPLATE["Resources"].items()
        ],
        "events": [{"at": "2026-01-02 10:03:41", "logical_id": NAME, "status": "CREATE_COMPLETE", "reason": ""}],
    }


@dataclass(frozen=True)
class Drawings:
    """The drawings below a folder of templates, with Jinja's blanks trimmed or not."""

    folder: Path
    is_trimmed: bool

    @property
    def names(self) -> list[str]:
        """Return each drawing by what stands between `console/_` and `.html`, its sub-folder before it."""
        console = self.folder / "console"
        files = [file.relative_to(console) for file in files_in(console, "_*.html")]
        names = [file.with_name(file.stem.lstrip("_")).as_posix() for file in files]
        return [name for name in names if name not in {"figure", "parts"}]

    @cached_property
    def environment(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(self.folder),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=self.is_trimmed,
            lstrip_blocks=self.is_trimmed,
            extensions=["jinja2.ext.i18n"],
        )
        made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        return made

    def picture(self, name: str, picture: Picture = PICTURE) -> Page:
        figure = self.environment.get_template("console/_figure.html").module.figure  # type: ignore[attr-defined]
        return Page(str(figure(name, picture)))

    def pictures(self, picture: Picture = PICTURE) -> dict[str, Page]:
        return {name: self.picture(name, picture) for name in self.names}

    def live(self, name: str, **more: Any) -> Page:
        return Page(self.environment.get_template(f"console/_{name}.html").render(**a_live_context() | more))
