"""What a beat shop sells and promises: values and pure rules, on the standard library alone."""
