// One finding with its steps and example customers
// Answers: the finding of that id, its steps, and the example journeys that it names with their customers and touchpoints.
// Parameters:
//   $finding_id  text: id of the finding, e.g. 'drop_off-45f9c279dbbf'
:params {finding_id: 'drop_off-45f9c279dbbf'};
MATCH (f:Finding {id: $finding_id})
OPTIONAL MATCH step = (f)-[:CONCERNS]->(:Step)
WITH f, collect(step) AS steps
OPTIONAL MATCH example = (:Customer)-[:HAD]->(j:Journey)-[:INCLUDES]->(:Touchpoint)
WHERE j.journey_id IN f.examples
RETURN f.title AS finding, f, steps, collect(example) AS examples
