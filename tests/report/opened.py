"""A page opened as residents and planners have it: from the file system, without a network."""

from pathlib import Path

from playwright.sync_api import Browser, Page


def open_offline(browser: Browser, path: Path, *, width: int = 1366, height: int = 768) -> tuple[Page, list[str]]:
    """Open a page; give what the browser complained about or asked for."""
    page = browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page()
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: heard.append(message.text))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: request.url == path.as_uri() or heard.append(request.url))
    page.goto(path.as_uri())
    return page, heard
