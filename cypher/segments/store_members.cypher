// Say that customers are in a segment
// Answers: nothing; who was in it stays since then, who is new is in it from now on.
// Parameters:
//   $name  text: the segment, e.g. 'app lovers'
//   $rows  list of text: customers
//   $build  text: this build, so that the others can be told to leave
//   $at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
:params {name: 'app lovers', rows: ['anna'], build: '01f0', at: datetime('2026-01-31T12:00:00Z')};
MATCH (s:Segment {name: $name})
UNWIND $rows AS customer_id
MATCH (c:Customer {customer_id: customer_id})
OPTIONAL MATCH (c)-[m:IN_SEGMENT]->(s)
WHERE m.until IS NULL
FOREACH (_ IN CASE WHEN m IS NULL THEN [1] ELSE [] END | CREATE (c)-[:IN_SEGMENT {since: $at, build: $build}]->(s))
SET m.build = $build
