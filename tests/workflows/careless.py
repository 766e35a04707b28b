"""A workflow that asks the machine for the time: when it is replayed, it is another one."""

from datetime import UTC, datetime

from temporalio import workflow


@workflow.defn
class CarelessWorkflow:
    @workflow.run
    async def run(self) -> str:
        return f"{datetime.now(UTC):%H:%M}"
