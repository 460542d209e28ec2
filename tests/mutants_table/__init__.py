"""The faults of `make mutants`, by package."""

from typing import Final

from tests.mutants_table.accounts_faults import ACCOUNTS_FAULTS
from tests.mutants_table.fault import Mutant
from tests.mutants_table.lifecycle_faults import LIFECYCLE_FAULTS
from tests.mutants_table.mgestion_faults import MGESTION_FAULTS
from tests.mutants_table.registrations_faults import REGISTRATIONS_FAULTS

MUTANTS: Final[list[Mutant]] = [
    *MGESTION_FAULTS,
    *ACCOUNTS_FAULTS,
    *REGISTRATIONS_FAULTS,
    *LIFECYCLE_FAULTS,
]

__all__ = ["MUTANTS", "Mutant"]
