"""The verbs: settle what happened, take the steps that are due, hold and release."""
