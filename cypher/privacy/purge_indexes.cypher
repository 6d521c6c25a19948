// The indexes of a database, as the statements that make them
// Answers: a statement a row, but for those that belong to a constraint or that every database has.
// Parameters:
SHOW INDEXES YIELD name, type, owningConstraint, createStatement
WHERE owningConstraint IS NULL AND type <> 'LOOKUP'
RETURN name, createStatement AS statement
ORDER BY name
