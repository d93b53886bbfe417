"""A person without a mouse: pressing Tab until something has the focus, and seeing that it has."""

from __future__ import annotations

from playwright.sync_api import Page

# What a person sees of where they stand: some visible difference between focused and not.
LOOKS = """(element) => {
  for (const transition of document.getAnimations()) transition.finish();
  const style = getComputedStyle(element);
  return [style.outlineStyle === "none" ? "none" : style.outline, style.boxShadow, style.backgroundColor,
    style.borderColor, style.textDecorationLine].join(" / ");
}"""

# Both looks in one call: there are hundreds of stops.
BOTH_LOOKS = f"""() => {{
  const look = {LOOKS}, focused = document.activeElement;
  const looks = [look(focused)];
  focused.blur();
  looks.push(look(focused));
  focused.focus();
  return [...looks, focused.outerHTML];
}}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, which it must show."""
    target = page.locator(selector)
    for _ in range(70):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            shows_focus(page)
            return
    raise AssertionError(f"Tab never comes to {selector}")


def shows_focus(page: Page) -> None:
    """Fail if the focused element looks as it does without the focus."""
    with_focus, without, html = page.evaluate(BOTH_LOOKS)
    assert with_focus != without, html
