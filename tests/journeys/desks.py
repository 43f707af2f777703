"""People at their desks: each has a browser window of their own, and every page that comes up in it is looked at.

A page has no serious barrier (axe), does not scroll sideways, and speaks no English in the Chinese interface. What is
found is collected, so that one journey tells all of it; ``Office.close`` gives it to the test.
"""

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.browser import Watched, serious_findings, sign_in
from webapp.demo_people import DEMO_LOGINS

#: Where pictures of every page are kept, when somebody wants to look at them.
PICTURES = os.environ.get("JOURNEY_PICTURES")
#: Latin words that stand in the Chinese interface with good reason: names of things, people's names for machines, and
#: the mark of bpmn.io, whose licence wants it on every diagram as it is.
ALLOWED_WORDS = DEMO_LOGINS | {
    "English", "API", "PDF", "BPMN", "JavaScript", "example.com", "salesflow-demo", "Powered", "bpmn.io",
    "CSV", "XLSX", "UTF", "GB18030",
}  # fmt: skip
#: Words of three letters and more that are neither part of a number (JK-2026-000001) nor of a file's name.
_WORD = re.compile(r"(?<![\w.-])[A-Za-z][A-Za-z_.]*[A-Za-z][A-Za-z0-9_.]*(?![\w-])")
#: Everything that the page says to eyes or to a screen reader, except what a person has typed.
_SAID = """() => [
  document.title, document.body.innerText,
  ...[...document.querySelectorAll("svg text")].map(one => one.textContent),
  ...[...document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")].flatMap(
    one => ["aria-label", "title", "placeholder", "alt"].map(name => one.getAttribute(name) || "")),
].join("\\n")"""
#: The kinds of elements that a page is made of: each with its parent and what that stands in, without texts and values.
_KINDS = """() => {
  const kind = one => one.tagName + one.getAttributeNames().map(
    name => ["class", "role", "type", "lang"].includes(name) ? `${name}=${one.getAttribute(name)}` : name);
  const chain = one => [one, one.parentElement, one.parentElement.parentElement].map(each => each && kind(each));
  return [...new Set([...document.querySelectorAll("body, body *")].map(one => chain(one).join(" < ")))];
}"""
#: The width of a window with a kind of element in which axe found nothing serious; looked at once a run.
_SOUND: set[tuple[int, str]] = set()
_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Desk:
    """One person, signed in, at a window of their own."""

    def __init__(self, office: "Office", login: str, *, javascript: bool = True) -> None:
        self.office = office
        self.login = login
        self.javascript = javascript
        width, height = office.viewport
        self.context: BrowserContext = office.browser.new_context(
            base_url=office.address, locale="zh-CN", timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height}, java_script_enabled=javascript,
        )  # fmt: skip
        self.context.set_default_timeout(20_000)
        self.watched = Watched(self.context)
        self.page: Page = self.watched.page
        sign_in(self.page, login)
        self.look()

    def open(self, path: str) -> Page:
        """Open an address and look at it."""
        self.page.goto(path)
        self.look()
        return self.page

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button or follow a link by what stands on it, and look at the page that comes."""
        place = within or self.page
        button, link = (place.get_by_role(role, name=name, exact=True) for role in ("button", "link"))
        self._go(button.or_(link))

    def follow(self, text: str) -> None:
        """Follow the first link that has this text in it, and look at the page that comes."""
        self._go(self.page.locator("main").get_by_role("link").filter(has_text=text).first)

    def _go(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()
        self.look()

    def fill(self, **fields: str) -> None:
        """Fill in fields by their labels."""
        for label, value in fields.items():
            self.page.get_by_label(label, exact=True).fill(value)

    def sign(self) -> None:
        """Draw on the pad for a signature, with one finger or the mouse."""
        pad = self.page.locator(".signature-area")
        # On a phone the buttons stay at the bottom of the window, above what lies there.
        pad.evaluate("pad => pad.scrollIntoView({block: 'center'})")
        # Scrolling is smooth, and a stroke begins where the pad comes to rest.
        self.page.wait_for_timeout(600)
        box = pad.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 30, box["y"] + 20)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3, steps=5)
        self.page.mouse.move(box["x"] + box["width"] - 30, box["y"] + 30, steps=5)
        self.page.mouse.up()

    def take_up(self, title: str) -> Page:
        """Open the task with this title from the inbox."""
        self.open("/inbox")
        self.follow(title)
        return self.page

    def take_step(self, title: str, step: str) -> Page:
        """Open the task of a step from the inbox, where more than one may have this title."""
        self.open("/inbox")
        row = self.page.get_by_role("row").filter(has_text=title).filter(has_text=step)
        self._go(row.get_by_role("link").first)
        return self.page

    def see_diagram(self) -> None:
        """Scroll to the diagram, which is drawn only then, and look at the page with it."""
        self.page.locator(".diagram").scroll_into_view_if_needed()
        self.page.locator(".diagram svg text").first.wait_for()
        self.look()

    def says(self, *texts: str) -> None:
        """Assert that the page says each of the texts."""
        said = self.page.inner_text("body")
        for text in texts:
            assert text in said, f"{self.login} does not read {text!r} on {self.page.url}:\n{said}"

    def look(self) -> None:
        """Look at the page as somebody would who finds fault with everything."""
        self.page.wait_for_load_state()
        where = re.sub(r"\d+", "n", self.page.url.removeprefix(self.office.address))
        self.office.picture(self, where)
        findings = []
        sideways = self.page.evaluate(_SIDEWAYS)
        if sideways > 0:
            findings.append(f"scrolls {sideways} px sideways")
        findings += [f"speaks English: {word}" for word in sorted(self._english())]
        if self.javascript:
            findings += self._barriers()
        self.office.findings += [f"{self.office.viewport[0]} px, {self.login}, {where}: {each}" for each in findings]

    def _barriers(self) -> list[str]:
        """What axe finds on a page with a kind of element that it has not looked at in a window of this width."""
        kinds = {(self.office.viewport[0], kind) for kind in self.page.evaluate(_KINDS)}
        if kinds <= _SOUND:
            return []
        found = serious_findings(self.page)
        if not found:
            _SOUND.update(kinds)
        return found

    def chinese(self) -> set[str]:
        """The Chinese that the page speaks outside of what is typed into it."""
        return set(re.findall(r"[\u4e00-\u9fff]+", self.page.evaluate(_SAID)))

    def _english(self) -> set[str]:
        if self.page.get_attribute("html", "lang") == "en":
            return set()
        words = set(_WORD.findall(self.page.evaluate(_SAID)))
        return {word for word in words - ALLOWED_WORDS if len(word) > 2}


class Office:
    """The demo's people at their windows, all of one size, and what was found on their pages."""

    def __init__(self, browser: Browser, address: str, viewport: tuple[int, int]) -> None:
        self.browser = browser
        self.address = address
        self.viewport = viewport
        self.desks: dict[str, Desk] = {}
        self.findings: list[str] = []
        self.pictures = 0

    def desk(self, login: str, *, javascript: bool = True) -> Desk:
        """The desk of a person, who signs in on the first call."""
        if login not in self.desks:
            self.desks[login] = Desk(self, login, javascript=javascript)
        return self.desks[login]

    def picture(self, desk: Desk, where: str) -> None:
        """Keep a picture of the page, if ``JOURNEY_PICTURES`` names a folder."""
        if PICTURES:
            self.pictures += 1
            name = f"{self.viewport[0]}-{self.pictures:03d}-{desk.login}{where.replace('/', '-').split('?')[0]}.png"
            desk.page.screenshot(path=Path(PICTURES) / name, full_page=True)

    def close(self) -> list[str]:
        """Close every window; give what was found, console errors and refusals of the security policy included."""
        for desk in self.desks.values():
            self.findings += [f"{desk.login}: {complaint}" for complaint in desk.watched.complaints]
            desk.context.close()
        return sorted(set(self.findings))
