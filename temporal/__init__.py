"""How programs speak to Temporal: the one client, its encryption, and all that is asked of it.

Errors of Temporal's end here; to the rest it is Unavailable, or a workflow has ended.
"""
