"""What of an environment is ours."""

import os
from collections.abc import Mapping

from settings import ENV_FILE_VARIABLE, variables


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
