"""A receipt, asked for once more."""

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.download import EmailCredential
from api.schemas.wire import Identifier, Wire


class ReceiptRequest(Wire):
    order_id: Annotated[Identifier, StringConstraints(max_length=255)]
    customer_email: EmailCredential


class ReceiptAnswer(Wire):
    """Whose receipt is on its way."""

    order_id: str
