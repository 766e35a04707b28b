"""What an order costs: Beatline beside its floor and beside what else one might write."""
