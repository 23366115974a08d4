"""How the tables came to be, step by step (Alembic). A change of models.py needs a new step in versions/."""
