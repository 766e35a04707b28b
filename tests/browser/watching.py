"""What goes wrong in a page without anybody seeing it."""

from playwright.async_api import BrowserContext, ConsoleMessage, WebError

# The browser's own line about an answer that is not 2xx: tests have the API refuse things.
_REFUSED = "Failed to load resource"


class Watch:
    """Collects uncaught errors, and what the console tells as an error: a policy violated, say."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        context.on("weberror", self._broke)
        context.on("console", self._said)

    def _broke(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_REFUSED):
            self.complaints.append(message.text)
