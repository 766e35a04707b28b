"""A mailbox that takes every mail by SMTP and lets people and tests look into it."""
