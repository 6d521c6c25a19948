// Is there anything
// Answers: one row if the database holds any node beside the record of its schema, none if it is empty.
// Parameters:
MATCH (n)
WHERE NOT n:Migration
RETURN true AS any_data
LIMIT 1
