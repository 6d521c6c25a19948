// The costliest finding with its steps and example customers
// Answers: the finding whose lost value (else lost conversions) is the highest, its steps, and the example journeys that it
// names with their customers and touchpoints.
// Parameters:
MATCH (f:Finding)
WITH f ORDER BY coalesce(f.lost_value, 0.0) DESC, coalesce(f.lost_conversions, 0.0) DESC, f.id LIMIT 1
OPTIONAL MATCH step = (f)-[:CONCERNS]->(:Step)
WITH f, collect(step) AS steps
OPTIONAL MATCH example = (:Customer)-[:HAD]->(j:Journey)-[:INCLUDES]->(:Touchpoint)
WHERE j.journey_id IN f.examples
RETURN f.title AS finding, f, steps, collect(example) AS examples
