"""What the finders and starters of servers can say."""


class ServerMissing(Exception):
    """No usable binary on this machine; the message says where it was looked for."""


class ServerFailed(Exception):
    """A binary was found but the server did not come up; the message carries its own words."""
