"""The verbs of ``va-space``. Each imports what it needs when it runs, so that help is quick."""
