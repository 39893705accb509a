"""Registrations of producers' tables in a governance catalog: asked for, decided, executed by the engine."""
