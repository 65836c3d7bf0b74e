"""The admin of the example project under a theme."""
