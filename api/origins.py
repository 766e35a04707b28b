"""Which addresses a buyer may be sent back to."""

from api.errors import InvalidInput
from api.schemas.wire import FieldProblem
from domain.origin import Origin


class AllowedOrigins:
    """The origins that the operator named in ALLOWED_ORIGINS."""

    def __init__(self, urls: list[str]) -> None:
        self._origins = frozenset(Origin.of(url) for url in urls)
        self.urls = sorted(str(origin) for origin in self._origins)

    def require(self, **urls: str) -> None:
        """Raises InvalidInput for each field whose URL leads elsewhere."""
        problems = [
            FieldProblem(field=name, message=message)
            for name, url in urls.items()
            if (message := self._objection(url)) is not None
        ]
        if problems:
            raise InvalidInput(*problems)

    def allow(self, origin: str) -> bool:
        """Whether a browser's `Origin` header names one of them."""
        return self._objection(origin) is None

    def _objection(self, url: str) -> str | None:
        try:
            origin = Origin.of(url)
        except ValueError as error:
            return f"This address cannot be used: {error}."
        if origin not in self._origins:
            return "This address is on a site that is not among the allowed origins."
        return None
