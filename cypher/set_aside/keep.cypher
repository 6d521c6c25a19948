// Keep a touchpoint from being set aside, or leave it to the rules again
// Answers: whom it belongs to; their journeys are marked to be rebuilt.
// Parameters:
//   $touchpoint_id  text: the touchpoint, e.g. 't1'
//   $kept  boolean: whether it counts whatever the rules say, e.g. true
:params {touchpoint_id: 't1', kept: true};
MATCH (c:Customer)-[:MADE]->(t:Touchpoint|SetAside {touchpoint_id: $touchpoint_id})
SET t.kept = CASE WHEN $kept THEN true END, c:Unthreaded
RETURN c.customer_id AS customer_id
