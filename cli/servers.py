"""`beatline api` and `beatline worker`: the programs that serve, for as long as they last."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cli.sparing import spared
from runtime import loading


def serve_api() -> None:
    """Runs the API, against whatever the environment names."""
    with loading(), spared("aiohttp"):  # only the worker makes calls to vendors
        import uvicorn

        from settings import API_PARTS, ApiSettings, load, require

        with settings_needed("The API"):
            require(*API_PARTS)
            from api.app import app_from_environment
            from api.connections import BoundedConnection

            application = app_from_environment()
            settings = load(ApiSettings)
    uvicorn.run(
        application,
        host=settings.api_host,
        port=settings.api_port,
        http=BoundedConnection,
        ws="none",
        proxy_headers=False,  # by TRUSTED_PROXIES alone
        access_log=False,  # our own line says more, and leaves the query out
        log_config=None,
        server_header=False,
        timeout_keep_alive=int(BoundedConnection.idle_patience.total_seconds()),
        timeout_graceful_shutdown=10,
    )


def work() -> None:
    """Runs the worker, against whatever the environment names."""
    with loading(), spared():
        from worker import main
    main()


@contextmanager
def settings_needed(what: str) -> Iterator[None]:
    """Ends the process with a sentence where the environment does not suffice."""
    from settings import SettingsError

    try:
        yield
    except SettingsError as error:
        sys.exit(f"{what} cannot start: {error}.")
