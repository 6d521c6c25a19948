// A finding that is kept in the graph
// Answers: the finding of that id as the last `journeygraph gaps` kept it, missing steps of its blueprint among them; what
// has an inside is JSON text.
// Parameters:
//   $finding_id  text: id of the finding, e.g. 'missing_step-45f9c279dbbf'
:params {finding_id: 'missing_step-45f9c279dbbf'};
MATCH (f:Finding {id: $finding_id})
RETURN properties(f) AS finding
