"""What things are: Arrow tables and their versions, language codes, reject reasons, errors."""
