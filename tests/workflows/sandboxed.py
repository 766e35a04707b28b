"""Temporal's sandbox around our workflows: whatever would differ in a replay is an error there."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Imported once, not for each workflow: they are pure, or used by activities alone.
PASSED_THROUGH = ("activities", "database", "domain", "gateways", "structlog")


def sandboxed() -> SandboxedWorkflowRunner:
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)
