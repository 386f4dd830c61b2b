"""The departments' stand-in: a product of its own that keeps docs/API.md, for `make run` and tests."""
