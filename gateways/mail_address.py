"""Mail addresses, in the form in which they can safely be handed to a mail server."""

from email_validator import EmailNotValidError, validate_email


def deliverable(text: str) -> str:
    """An address as mail servers take it, an international domain in its `xn--` form.

    Raises ValueError, which never quotes the address, for what is none.
    """
    try:
        # Whether there is such a domain is the mail server's to find out, not ours.
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise ValueError("it is no mail address") from None
    # In a header, Python's mail library would decode this, line breaks and all.
    if "=?" in found.normalized:
        raise ValueError("it is no mail address")
    return f"{found.local_part}@{found.ascii_domain}"
