"""Entrypoints: the doors; they parse, call one method of the core, and render what comes back."""
