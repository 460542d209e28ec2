"""Masked addresses and names for terminals: recognisable only for those who know the person."""


def mask_address(address: str) -> str:
    """« jeanne.martin@garage.example.org » → « j•••@g•••.org »."""
    local, _, domain = address.partition("@")
    first, _, last = domain.rpartition(".")
    return f"{local[:1]}•••@{first[:1]}•••.{last}"


def mask_name(first_name: str, last_name: str) -> str:
    """« Jeanne Martin » → « J. M. », "" for nobody."""
    return " ".join(f"{name[:1]}." for name in (first_name, last_name) if name)
