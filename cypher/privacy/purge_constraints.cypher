// The constraints of a database, as the statements that make them
// Answers: a statement a row.
// Parameters:
SHOW CONSTRAINTS YIELD name, createStatement
RETURN name, createStatement AS statement
ORDER BY name
