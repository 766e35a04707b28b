"""What makes a waiting workflow look again: news of a payment, or somebody who asks it to."""

from datetime import timedelta

from temporalio import workflow


class News:
    """Whether there is any that has not been looked into."""

    def __init__(self) -> None:
        self.is_there = False

    def came(self) -> None:
        """News may come twice, late or early: all it does is to have the facts asked for."""
        self.is_there = True

    def take(self) -> bool:
        """Whether there is any; it counts as looked into from here on."""
        taken, self.is_there = self.is_there, False
        return taken

    async def within(self, time: timedelta) -> None:
        """Returns at the next news, or when the time is over."""
        try:
            await workflow.wait_condition(
                lambda: self.is_there, timeout=time, timeout_summary="Look again, even unasked"
            )
        except TimeoutError:
            workflow.logger.debug("no news within %s", time)
        self.take()
