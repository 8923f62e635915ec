"""Pages to look at: proofs of the library as HTML, a reader of HTML, and a browser without a window."""

import json
import re
import shutil
import subprocess
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from maieutic.geometry.attempt import attempt
from maieutic.geometry.language import library
from maieutic.geometry.proofs.prover import Result
from maieutic.pages.formats import result_html

VOID = {"meta", "link", "br", "hr", "img", "input"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

PROBE = """<script>
const seen = { errors: [], rights: [] };
addEventListener("error", (event) => seen.errors.push(String(event.message)));
addEventListener("securitypolicyviolation", (event) => seen.errors.push(event.blockedURI));
addEventListener("load", () => {
  const root = document.documentElement;
  seen.width = root.clientWidth;
  seen.scrolls = root.scrollWidth;
  for (const each of document.querySelectorAll("body *:not(svg *)")) {
    if (each.getBoundingClientRect().right > root.clientWidth + 1) seen.rights.push(each.outerHTML.slice(0, 80));
  }
  const drawing = document.querySelector(".drawing svg");
  const lit = () => Array.from(drawing.querySelectorAll(".lit"), (each) => each.id).join(" ");
  const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const buttons = document.querySelectorAll(".step button");
  const steps = Array.from(document.querySelectorAll(".step"));
  seen.claims = steps.map((step) => step.dataset.lit);
  seen.shown = [lit()];
  buttons[0].focus();
  seen.shown.push(lit());
  press("ArrowDown");
  seen.shown.push(lit());
  press("ArrowUp");
  seen.shown.push(lit());
  press("End");
  seen.shown.push(lit());
  press("Escape");
  seen.shown.push(lit());
  buttons[1].click();
  seen.shown.push(lit());
  seen.pressed = buttons[1].getAttribute("aria-pressed");
  buttons[1].click();
  press("Escape");
  const mouse = (name) => steps[0].dispatchEvent(new PointerEvent(name, { pointerType: "mouse" }));
  mouse("pointerenter");
  seen.shown.push(lit());
  mouse("pointerleave");
  seen.shown.push(lit());
  seen.resources = performance.getEntriesByType("resource").map((entry) => entry.name);
  parent.document.getElementById("seen").textContent = JSON.stringify(seen);
});
</script>"""
"""What a browser is asked to do and to tell: it goes through the steps by keyboard, by click and by mouse."""

FRAME = """<!DOCTYPE html><body><pre id="seen"></pre>
<iframe width="{width}" height="900" style="border:0" srcdoc="{page}"></iframe></body>"""
"""A window in a window, which may be as narrow as a telephone: a browser's own may not."""


@cache
def result(name: str) -> Result:
    """The proof of a shipped problem."""
    return attempt(library.problem(name))


@cache
def page(name: str) -> str:
    """Its page."""
    return result_html(result(name))


class Outline(HTMLParser):
    """The tags of a page, their attributes, and whether each that opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def all(self, attribute: str) -> list[str]:
        """The values of an attribute, wherever it is."""
        return [attributes[attribute] or "" for _, attributes in self.tags if attribute in attributes]


@cache
def browser() -> str | None:
    """The path of a Chromium, if there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def look(text: str, width: int, folder: Path, probe: str = PROBE) -> tuple[dict[str, Any], str]:
    """What the probe tells of a page in a window so wide, and what the browser's console says."""
    program = browser()
    if program is None:
        pytest.skip("there is no chromium on this machine: apt-get install chromium")
    file = folder / "page.html"
    probed = text.replace("<head>", f"<head>{probe}", 1)
    file.write_text(FRAME.format(width=width, page=escape(probed)), encoding="utf-8")
    command = [
        program,
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}", "--window-size=1400,1000"),
        "--dump-dom",
        file.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    console = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return json.loads(unescape(found[1])), console
