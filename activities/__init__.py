"""The steps of an order: each activity is one side effect that may safely run again."""
