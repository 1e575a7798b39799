"""Pictures of the documents, made by the software that they show."""
