"""Who may call: browsers on which sites, and under which names of ours."""

import re
from fnmatch import fnmatchcase
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import failure

WEBHOOK_PATH = "/api/stripe/webhook"
HEALTH_PATHS = ("/api/health", "/api/health/ready")


class BrowserAccess(CORSMiddleware):
    """Lets browsers on allowed sites call the API; the webhook is for Stripe's servers alone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == WEBHOOK_PATH:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """As the framework answers, but a refusal in the shape of every error."""
        answer = super().preflight_response(request_headers)
        if answer.status_code == HTTPStatus.OK:
            return answer
        sentence = "Browsers on this site may not make this call."
        refused = failure(HTTPStatus.BAD_REQUEST, "cors_refused", sentence)
        refused.headers["Vary"] = answer.headers["Vary"]
        return refused


class KnownHosts:
    """Refuses calls that name another host; `*` stands for all, `*.example.com` for a domain's.

    A call that names two is refused whichever they are: a proxy may have looked at the other one.
    The health checks answer under any: what watches over processes asks each by its own address.
    """

    def __init__(self, app: ASGIApp, hosts: list[str]) -> None:
        self._app = app
        self._hosts = [host.lower() for host in hosts]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._serves(scope):
            await self._app(scope, receive, send)
            return
        sentence = "This host is not served here."
        await failure(HTTPStatus.BAD_REQUEST, "unknown_host", sentence)(scope, receive, send)

    def _serves(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) > 1:
            return False
        return scope["path"] in HEALTH_PATHS or self._knows("".join(hosts))

    def _knows(self, host: str) -> bool:
        name = host.rpartition(":")[0] if re.search(r":\d*$", host) else host
        return any(fnmatchcase(name.lower(), known) for known in self._hosts)
