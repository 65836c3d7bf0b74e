"""A site whose accounts have UUIDs for keys."""
