"""The migrations of the tables, step by step (Alembic). A change of models.py needs a new step in versions/."""
