"""What whoever runs a command has set, in the environment and in `.env`."""

import os
from collections.abc import Mapping

from dotenv import dotenv_values

from settings import ENV_FILE_VARIABLE, env_file, variables


def of_caller() -> dict[str, str]:
    """The environment, and what a `.env` file adds to it."""
    added = {name: value for name, value in dotenv_values(env_file()).items() if value is not None}
    return added | os.environ


def settings_in(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment is ours, or Temporal's."""
    ours = variables()
    return {
        name: value
        for name, value in environment.items()
        if name in ours or name.startswith(("TEMPORAL_", "SMTP_"))
    }


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which nothing of ours is set: for a system that must be all sandbox."""
    ours = settings_in(environment)
    kept = {name: value for name, value in environment.items() if name not in ours}
    return kept | {ENV_FILE_VARIABLE: os.devnull}
