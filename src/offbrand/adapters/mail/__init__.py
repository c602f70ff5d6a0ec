"""Mail: letters become messages, and messages leave or are kept in a folder."""
