"""Adapters: each translates between one port and one piece of the world; they do not know each other."""
