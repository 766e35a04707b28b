"""`beatline codec` shows operators what is encrypted; `beatline payload-key` makes a key for it."""

import sys

import typer


def codec() -> None:
    """Run the codec server, with which Temporal's UI and CLI show what is encrypted."""
    import uvicorn

    from settings import CodecSettings, SettingsError, load

    try:
        settings = load(CodecSettings)
        from api.codec.app import app_from_environment

        application = app_from_environment()
    except SettingsError as error:
        sys.exit(f"The codec server cannot start: {error}.")
    uvicorn.run(
        application,
        host=settings.codec_host,
        port=settings.codec_port,
        proxy_headers=False,
        access_log=False,  # our own line says more
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def payload_key() -> None:
    """Print a new key, fit to be an entry of PAYLOAD_KEYS."""
    from domain.payload_keys import new_key

    typer.echo(new_key())
