"""An app of the site that has something on nodes."""
