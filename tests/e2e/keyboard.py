"""Hands that never leave the keyboard, and eyes that follow the focus."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

# A box that the style hides is outlined on its label; the calendar's button inside a field of date
# is outlined by the browser, where no page can read it.
FOCUS_IS_SEEN = """() => {
  const element = document.activeElement;
  if (element === document.body) return true;
  if (element.type === "date" && !element.matches(":focus-visible")) return true;
  const outlined = (one, part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one, part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  };
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const onScreen = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  const [label] = element.labels ?? [];
  return onScreen && (outlined(element) || (label && outlined(label, "::before")));
}"""


class Keyboard:
    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0
        self._browser = page.context.new_cdp_session(page)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.strokes += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.strokes += len(text)
        self.page.keyboard.type(text)

    def tab_to(self, name: str, *, key: str = "Tab", within: int = 60) -> None:
        """Press Tab until what has the focus is called so; every stop on the way must be seen.

        « À partir du… » is the beginning of a name, whose end says the rest.
        """
        passed = []
        for _ in range(within):
            self.press(key)
            passed.append(self.focused())
            if not self.page.evaluate(FOCUS_IS_SEEN):
                pytest.fail(f"The focus is not seen on « {passed[-1]} »")
            if passed[-1] == name or (
                name.endswith("…") and passed[-1].startswith(name.removesuffix("…"))
            ):
                return
        pytest.fail(f"« {name} » is not within {within} presses of {key}: {passed}")

    def back_to(self, name: str) -> None:
        self.tab_to(name, key="Shift+Tab")

    def open(self, name: str) -> None:
        """Reach a link or a button that leads to another page, and press it."""
        self.tab_to(name)
        self._leave("Enter")

    def send(self) -> None:
        """The form that has the focus."""
        self._leave("Control+Enter")

    def _leave(self, key: str) -> None:
        with self.page.expect_navigation():
            self.press(key)

    def answer(self, name: str, text: str) -> None:
        """Reach a field and type; in a list of choices, the beginning of one."""
        self.tab_to(name)
        self.type(text)

    def tick(self, name: str) -> None:
        self.tab_to(name)
        self.press("Space")

    def focused(self) -> str:
        """What a screen reader calls it."""
        element = self._browser.send("Runtime.evaluate", {"expression": "document.activeElement"})
        nodes = self._browser.send(
            "Accessibility.getPartialAXTree",
            {"objectId": element["result"]["objectId"], "fetchRelatives": False},
        )["nodes"]
        words = nodes[0].get("name", {}).get("value", "")
        return " ".join(words.split())


def picture(page: Page, name: str) -> None:
    """Kept where SCREENSHOTS says, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
