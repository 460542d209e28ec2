"""`make chaos`: parts of the portal are killed, stopped and frozen while people use it; then what
they were told is compared with what the database holds.
"""
