// Which findings are kept in the graph
// Answers: the id of each finding that `journeygraph gaps` kept.
// Parameters:
MATCH (f:Finding)
RETURN f.id AS finding_id
ORDER BY finding_id
