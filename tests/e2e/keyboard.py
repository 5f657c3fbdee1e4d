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


# The choices among which the focus is: one stop of Tab, then arrows.
IS_AMONG = """(name) => {
  const element = document.activeElement;
  if (element.type !== "radio") return false;
  const group = element.form.querySelectorAll(`[name="${element.name}"]`);
  const begins = (text) => name.endsWith("…") ? text.startsWith(name.slice(0, -1)) : text === name;
  const words = (label) => label.innerText.replace(/\\s+/g, " ").trim();
  return [...group].some((one) => [...one.labels].some((label) => begins(words(label))));
}"""


class Keyboard:
    """`strokes`: keys pressed. `acts`: fields answered and buttons pressed, by their names."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes, self.acts = page, 0, 0
        self._browser = page.context.new_cdp_session(page)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.strokes += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type once a field has the focus: the page may still be moving it there."""
        self.page.locator(":focus").wait_for(state="attached")
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
            if is_called(name, passed[-1]):
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
        self.acts += 1
        with self.page.expect_navigation():
            self.press(key)

    def answer(self, name: str, text: str) -> None:
        """Reach a field and type; in a list of choices, the beginning of one."""
        self.acts += 1
        self.tab_to(name)
        self.type(text)

    def tick(self, name: str) -> None:
        self.acts += 1
        self.tab_to(name)
        self.press("Space")

    def pick(self, name: str, *, within: int = 60) -> None:
        """Reach a group of choices, and this one in it."""
        self.acts += 1
        for _ in range(within):
            self.press("Tab")
            if self.page.evaluate(IS_AMONG, name):
                break
        else:
            pytest.fail(f"No choice is called « {name} » within {within} presses of Tab")
        while not is_called(name, self.focused()):
            self.press("ArrowDown")
        if not self.page.evaluate("document.activeElement.checked"):
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


def is_called(name: str, words: str) -> bool:
    """« À partir du… » is the beginning of a name."""
    return words == name or (name.endswith("…") and words.startswith(name.removesuffix("…")))


def picture(page: Page, name: str) -> None:
    """Kept where SCREENSHOTS says, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
