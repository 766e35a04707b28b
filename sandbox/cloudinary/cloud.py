"""One product environment: its key pair, its assets, its time, and how its API is called."""

from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request

from sandbox.clock import Clock
from sandbox.cloudinary import parameters
from sandbox.cloudinary.assets import AssetStore
from sandbox.cloudinary.refusals import Refusal
from sandbox.cloudinary.signatures import Credentials, check_timestamp

LONGEST_FIELD = 64 * 1024  # bytes
UNSUPPORTED = ("transformation", "eager", "upload_preset")


@dataclass(frozen=True, slots=True)
class Cloud:
    """What every endpoint needs."""

    credentials: Credentials
    assets: AssetStore
    clock: Clock

    def check_name(self, request: Request) -> None:
        """Refuse a call to a cloud that is not this one."""
        if (name := request.path_params["cloud"]) != self.credentials.cloud:
            raise Refusal(401, f"Invalid cloud_name {name}")

    def check_call(self, items: list[tuple[str, UploadFile | str]]) -> dict[str, str]:
        """Check a form's signature and time; gives its plain fields."""
        given = parameters.single_values(
            (name, value) for name, value in items if isinstance(value, str)
        )
        self.credentials.check_signature(given)
        check_timestamp(given, self.clock.timestamp())
        for name in UNSUPPORTED:
            if given.get(name):
                raise Refusal(400, f"{name} is not supported by this emulator")
        return given

    async def signed_form(self, request: Request) -> dict[str, str]:
        """Read and check the form of a call that brings no file."""
        self.check_name(request)
        async with request.form(max_part_size=LONGEST_FIELD) as form:
            return self.check_call(form.multi_items())


def base_url(request: Request) -> str:
    """The address at which this caller reached the emulator."""
    return str(request.base_url).rstrip("/")
