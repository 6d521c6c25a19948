// Is there anything that a load brought
// Answers: one row if the graph holds more than its rules and the records of its schema, of loads and of their files, none otherwise.
// Parameters:
MATCH (n)
WHERE NOT n:Migration AND NOT n:Configuration AND NOT n:Load AND NOT n:File
RETURN true AS anything_stored
LIMIT 1
