"""The portal's sections and pages, by what a person does."""
