// Keep findings beside the steps that they concern
// Answers: nothing; each finding takes the place of the one with its id, so the statement is repeatable.
// Parameters:
//   $rows  list of maps: id, steps (names) and properties of each finding, e.g. []
:params {rows: []};
UNWIND $rows AS row
MERGE (f:Finding {id: row.id})
SET f = row.properties
WITH f, row
OPTIONAL MATCH (f)-[old:CONCERNS]->(s:Step)
WHERE NOT s.name IN row.steps
DELETE old
WITH DISTINCT f, row
UNWIND row.steps AS name
MATCH (s:Step {name: name})
MERGE (f)-[:CONCERNS]->(s)
