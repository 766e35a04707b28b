"""Whether this process lives, and whether it can work."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.dependencies import DesksHere
from api.errors import declares, failure
from api.schemas.wire import FieldProblem, Success
from database import health

router = APIRouter(prefix="/api/health", tags=["Health"])
PATIENCE = timedelta(seconds=1)


@router.get("", summary="Alive", responses=declares())
async def alive() -> Success[dict[str, str]]:
    """Says that the process answers; asks nobody else."""
    return Success(success=True, data={"status": "ok"})


@router.get(
    "/ready",
    summary="Ready",
    responses=declares(),
    response_model=Success[dict[str, str]],
)
async def ready(here: DesksHere) -> Success[dict[str, str]] | JSONResponse:
    """Asks PostgreSQL and Temporal, each for a second at most."""
    names = ("postgresql", "temporal")
    answers = await asyncio.gather(
        health.answers(here.database, PATIENCE), here.temporal.is_healthy(PATIENCE)
    )
    silent = [name for name, answer in zip(names, answers, strict=True) if not answer]
    if not silent:
        return Success(success=True, data=dict.fromkeys(names, "ok"))
    problems = [FieldProblem(field=name, message="It did not answer in time.") for name in silent]
    return failure(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not_ready",
        f"Not ready: no answer from {' and '.join(silent)}.",
        problems=problems,
        headers={"Retry-After": "2"},
    )
